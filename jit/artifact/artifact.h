#ifndef KILN_JIT_ARTIFACT_ARTIFACT_H_
#define KILN_JIT_ARTIFACT_ARTIFACT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/diagnostic.h"
#include "jit/artifact/source.h"

namespace kiln::jit {

// What a Compiler makes of a Source: an immutable value that can be linked, stored, sent, and
// linked again in another process on a machine of the same kind.
struct Artifact {
  std::string name;  // of the source
  Language language = Language::kC;
  std::string triple;    // the target that the object was made for
  std::string cpu;       // a CPU's own name, never "native"
  std::string features;  // "+avx2,-avx512f,+fma": all that the code may use, and may not
  std::string object;    // a relocatable ELF file
  // Functions that the object defines for the packed calling convention, in source order, by the
  // name that users know: "add_one" for the symbol "__tvm_ffi_add_one".
  std::vector<std::string> exports;
  std::vector<Diagnostic> warnings;

  bool operator==(const Artifact&) const = default;
};

// The prefix of an exported function's symbol.
inline constexpr std::string_view kExportPrefix = "__tvm_ffi_";

// The file format, version 1. Integers are little-endian.
//
//   offset  size  what
//        0     8  magic: "KILNART" and a byte 0x1A
//        8     4  version of the format
//       12     4  reserved, zero
//       16     8  N, the size of the table in bytes
//       24     8  M, the size of the object in bytes
//       32    32  BLAKE2b-256 of the whole file, these 32 bytes taken as zero
//       64     N  table: a JSON object with every field of Artifact but `object`
//     64+N     M  object
//
// Nothing follows the object.
inline constexpr uint32_t kArtifactFormatVersion = 1;

// The bytes of the file. The same Artifact always gives the same bytes.
std::string Serialize(const Artifact& artifact);

// Reads what Serialize wrote. `origin` names the bytes in messages: a path, a key. Throws
// ValueError where they are no artifact, are cut short, were changed, or come from a later version.
Artifact ParseArtifact(std::string_view bytes, std::string_view origin);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_ARTIFACT_H_
