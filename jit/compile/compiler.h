#ifndef KILN_JIT_COMPILE_COMPILER_H_
#define KILN_JIT_COMPILE_COMPILER_H_

#include <memory>
#include <span>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/compile_report.h"
#include "jit/artifact/source.h"

namespace kiln::jit {

// Turns sources into artifacts. One per family of languages; stateless between calls, so that any
// number of threads may compile at once.
class Compiler {
 public:
  virtual ~Compiler() = default;

  // The languages that this compiler takes. Disjoint between compilers.
  virtual std::span<const Language> languages() const = 0;

  // Compiles `source`, whose language is one of languages(). Precondition: CheckSource and
  // CheckOptions accept both; options that mean nothing to the language are ignored. The
  // artifact's exports are in source order. Fills `report`, which is never null.
  // Throws CompileError with every diagnostic where the source is at fault, ValueError where the
  // options are, and RuntimeError where the toolchain is at fault. Plain exports that the source
  // does not define are in the report: another source of the module may define them.
  virtual Artifact Compile(const Source& source, const CompileOptions& options,
                           CompileReport* report) const = 0;
};

// C and C++, by Clang, in this process. The headers of the ABI, of DLPack and of Clang itself are
// served from memory; those of the C and C++ libraries are read from this machine where the options
// allow it.
std::unique_ptr<Compiler> MakeClangCompiler();

// CUDA: the host part by Clang, as C++ is, the device part by NVRTC, which is looked for on this
// machine. Throws RuntimeError too where there is none. The artifact's objects hold the device
// code.
std::unique_ptr<Compiler> MakeCudaCompiler();

// LLVM IR, as text and as bitcode. A module is verified first, and must be made for this target or
// for none: an empty triple or data layout is filled in.
std::unique_ptr<Compiler> MakeLlvmCompiler();

// Relocatable ELF objects and archives of them, which other compilers made for x86-64. The artifact
// of an archive holds all its members.
std::unique_ptr<Compiler> MakeObjectCompiler();

// Leaves in artifacts that were made from archives the objects that are needed, as a static linker
// does: those that export functions, and those that define, first of all, what another object of
// any part refers to, and so on. Where no part has anything else and none exports a function, all
// objects stay. Call with all parts of a module, before they are combined.
void KeepNeededMembers(std::vector<Artifact>* parts);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_COMPILER_H_
