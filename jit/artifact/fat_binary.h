#ifndef KILN_JIT_ARTIFACT_FAT_BINARY_H_
#define KILN_JIT_ARTIFACT_FAT_BINARY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jit {

// Code for a GPU, in one form and for one architecture.
struct DeviceImage {
  enum class Form { kCubin, kPtx, kLtoIr };
  Form form = Form::kCubin;
  int architecture = 0;  // ten times the compute capability: 90 for sm_90 and compute_90
  std::string suffix;    // "a" or "f" of an architecture of its own, as in sm_90a; else empty
  std::string code;      // an ELF file; PTX text without a final zero; LTO-IR

  bool operator==(const DeviceImage&) const = default;
};

// "sm_90a" for a cubin, "compute_90" for PTX and LTO-IR.
std::string ArchitectureName(const DeviceImage& image);

// The container that CUDA's own tools put device code in and that its driver and runtime read.
// Integers are little-endian.
//
//   offset  size  what
//        0     4  magic: 0xBA55ED50
//        4     2  version: 1
//        6     2  H, the size of this header: 16
//        8     8  the size of all entries; nothing follows them
//        H        the entries, one after the other
//
// and an entry:
//
//   offset  size  what
//        0     2  form: 1 PTX, 2 cubin, 8 LTO-IR
//        2     2  version of the entry: 0x0101
//        4     4  E, the size of this header: 64, and what the options and the name take behind it
//        8     8  N, the size of the code with its padding, a multiple of 8
//       16     4  the size of compressed code with no padding; 0 where it is not compressed
//       20     4  where the compiler's options begin in the entry; 0 without
//       24     2  minor version of the code's own format
//       26     2  major version: of PTX what its `.version` says; of a cubin 1 and the ABI version
//                 of the ELF file; of LTO-IR its bytes 4 (major) and 5 (minor)
//       28     4  architecture: 90
//       32     4  where the name of the source begins in the entry; 0 without
//       36     4  its length
//       40     8  flags: 0x1 64-bit code, 0x10 made on Linux, 0x8000 compressed, 0x100000 suffix
//                 "a", 0x200000 suffix "f"
//       48     8  zero
//       56     8  the size of compressed code once it is decompressed; 0 where it is not compressed
//        E     N  the code, PTX with a final zero, then zeros up to a multiple of 8
//
// WriteFatBinary writes neither options nor names and compresses nothing.
std::string WriteFatBinary(const std::vector<DeviceImage>& images);

// The images of the container that starts at `bytes`, whose own size its header gives; what follows
// it is not looked at. The container does not tell how much of a cubin's or of LTO-IR's end is
// padding, so these keep it. Entries of other forms are left out. Throws ValueError where the
// container is damaged or an entry is compressed; `origin` names it in messages.
std::vector<DeviceImage> ReadFatBinary(std::string_view bytes, std::string_view origin);

// The size of the container that starts at `header`, of which 16 bytes must be readable; 0 where
// none starts there.
size_t FatBinarySize(const void* header);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_FAT_BINARY_H_
