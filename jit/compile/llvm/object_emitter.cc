#include "jit/compile/llvm/object_emitter.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/Module.h>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr size_t kMostBytesKept = size_t{1} << 20;

}  // namespace

ObjectEmitter::ObjectEmitter(llvm::TargetMachine* machine, llvm::CodeGenFileType kind)
    : stream_(bytes_) {
  passes_.add(new llvm::TargetLibraryInfoWrapperPass(machine->getTargetTriple()));
  if (machine->addPassesToEmitFile(passes_, stream_, /*DwoOut=*/nullptr, kind)) {
    throw kiln::Error("RuntimeError",
                      "LLVM can't write objects for '" + machine->getTargetTriple().str() + "'");
  }
}

std::string ObjectEmitter::Emit(llvm::Module* module) {
  bytes_.clear();
  passes_.run(*module);
  std::string object(bytes_.data(), bytes_.size());
  if (bytes_.capacity() > kMostBytesKept) bytes_ = llvm::SmallVector<char, 0>();
  return object;
}

}  // namespace kiln::jit
