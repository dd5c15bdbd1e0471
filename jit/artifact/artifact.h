#ifndef KILN_JIT_ARTIFACT_ARTIFACT_H_
#define KILN_JIT_ARTIFACT_ARTIFACT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/diagnostic.h"
#include "jit/artifact/source.h"

namespace kiln::jit {

// A header that a source was compiled with. `digest` is the BLAKE2b-256 of its text, in
// hexadecimal.
struct HeaderRecord {
  std::string path;
  std::string digest;

  bool operator==(const HeaderRecord&) const = default;
};

// What a Compiler makes of a Source: an immutable value that can be linked, stored, sent, and
// linked again in another process on a machine of the same kind.
struct Artifact {
  std::string name;  // of the source
  Language language = Language::kC;
  std::string triple;                // the target that the objects were made for
  std::string cpu;                   // a CPU's own name, never "native"
  std::string features;              // "+avx2,-avx512f,+fma": all that code may use, and may not
  std::vector<std::string> objects;  // relocatable ELF files
  // Functions that the objects define for the packed calling convention, in source order, by the
  // name that users know: "add_one" for the symbol "__tvm_ffi_add_one".
  std::vector<std::string> exports;
  std::vector<std::string> libraries;  // shared libraries whose symbols the objects may use
  std::vector<HeaderRecord> headers;   // in the order in which they were read first
  std::vector<Diagnostic> warnings;    // and remarks

  bool operator==(const Artifact&) const = default;
};

// The artifact of all that `parts` hold, which must be made for one target; what ready-made objects
// were made for is not known, and those that were compiled tell it. Throws LinkError where two of
// them export the same name. Precondition: there is a part; the first gives the name.
Artifact Combine(std::vector<Artifact> parts);

// The BLAKE2b-256 of `bytes` in hexadecimal.
std::string DigestOf(std::string_view bytes);

// The prefixes of the symbols of an exported function, and of the packed functions that return its
// metadata and its documentation.
inline constexpr std::string_view kExportPrefix = "__tvm_ffi_";
inline constexpr std::string_view kMetadataPrefix = "__tvm_ffi__metadata_";
inline constexpr std::string_view kDocPrefix = "__tvm_ffi__doc_";

// The name that users know the packed function by whose symbol this is: "add_one" for
// "__tvm_ffi_add_one". Empty where it is none: not of that form, the metadata or documentation of a
// function, or one of a library's own symbols, such as "__tvm_ffi__library_ctx".
std::string_view ExportName(std::string_view symbol);

// The file format, version 2. Integers are little-endian.
//
//   offset  size  what
//        0     8  magic: "KILNART" and a byte 0x1A
//        8     4  version of the format
//       12     4  reserved, zero
//       16     8  N, the size of the table in bytes
//       24     8  M, the size of all objects in bytes
//       32    32  BLAKE2b-256 of the whole file, these 32 bytes taken as zero
//       64     N  table: a JSON object with every field of Artifact; for `objects` their sizes, for
//                 `warnings` the text that ToJson of diagnostic.h makes of them; for a name or a
//                 path that is not UTF-8 {"bytes": "c3ff..."}
//     64+N     M  the objects, one after the other
//
// Nothing follows the objects.
inline constexpr uint32_t kArtifactFormatVersion = 2;

// The bytes of the file. The same Artifact always gives the same bytes.
std::string Serialize(const Artifact& artifact);

// Reads what Serialize wrote. `origin` names the bytes in messages: a path, a key. Throws
// ValueError where they are no artifact, are cut short, were changed, or come from a later version.
Artifact ParseArtifact(std::string_view bytes, std::string_view origin);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_ARTIFACT_H_
