#ifndef KILN_JIT_LINK_ENGINE_H_
#define KILN_JIT_LINK_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <llvm/ExecutionEngine/JITLink/JITLink.h>
#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>

#include "jit/link/linker.h"

namespace kiln::jit {

// The names of one image and where they are.
using SymbolAddresses = std::map<std::string, void*, std::less<>>;

// ORC and JITLink as the linker uses them. Each graph gets a JITDylib of its own, and with it a
// name space. Link is for one thread at a time: threads that look symbols up in one ORC session run
// each other's work, and would report each other's errors. Any thread may remove at any time.
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

// The engines of a linker: as many as threads ever linked at once. Any number of threads may use
// it.
class Linker::EnginePool {
 public:
  // One engine stands ready. Throws RuntimeError.
  EnginePool();
  EnginePool(const EnginePool&) = delete;
  EnginePool& operator=(const EnginePool&) = delete;

  // Returns an engine to the pool.
  struct Return {
    EnginePool* pool;
    void operator()(Engine* engine) const noexcept;
  };
  using Lease = std::unique_ptr<Engine, Return>;

  // An engine that no other thread links with while the lease lasts. Throws RuntimeError.
  Lease Take();

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<Engine*> idle_;  // has room for every engine
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_ENGINE_H_
