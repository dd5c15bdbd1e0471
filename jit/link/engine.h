#ifndef KILN_JIT_LINK_ENGINE_H_
#define KILN_JIT_LINK_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <llvm/ExecutionEngine/JITLink/JITLink.h>
#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>

#include "jit/link/linker.h"

namespace kiln::jit {

// The names of one image and where they are.
using SymbolAddresses = std::map<std::string, void*, std::less<>>;

// ORC and JITLink as the linker uses them. Each graph gets a JITDylib of its own, and with it a
// name space. Graphs are linked on the calling thread; several threads may link at once.
class Linker::Engine {
 public:
  // Throws RuntimeError.
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // A name space for the graph of `name`.
  llvm::orc::JITDylib& AddDylib(const std::string& name);

  // Links `graph` in `dylib` against `imports`, and returns the address of every symbol it defines
  // that other objects may name. `name` is the artifact's. Throws LinkError.
  SymbolAddresses Link(llvm::orc::JITDylib* dylib, std::unique_ptr<llvm::jitlink::LinkGraph> graph,
                       const SymbolAddresses& imports, const std::string& name);

  // Unmaps all that was linked in `dylib`.
  void Remove(llvm::orc::JITDylib* dylib) noexcept;

 private:
  llvm::orc::ExecutionSession session_;
  llvm::orc::ObjectLinkingLayer layer_;
  std::atomic<uint64_t> added_{0};
  std::atomic<uint64_t> removed_{0};
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_ENGINE_H_
