#include "runtime/loaded_modules.h"

#include <mutex>
#include <unordered_map>
#include <utility>

#include <kiln/module.h>

namespace kiln::runtime {
namespace {

// Never destroyed: what the modules registered is released while the process exits, and lies in
// their memory.
struct LoadedModules {
  std::mutex mutex;
  std::unordered_map<const ModuleObj*, Module> modules;
};

LoadedModules& Global() {
  static auto* const loaded = new LoadedModules();
  return *loaded;
}

void CheckGiven(const Module& module) {
  if (!module.defined()) throw Error("TypeError", "expected ffi.Module, got None");
}

void Add(const Module& module) {
  CheckGiven(module);
  const std::lock_guard lock(Global().mutex);
  Global().modules.emplace(module.get(), module);
}

void Remove(const Module& module) {
  CheckGiven(module);
  const std::lock_guard lock(Global().mutex);
  Global().modules.erase(module.get());
}

}  // namespace

void RegisterLoadedModules() {
  GlobalFunction::RegisterTyped("ffi.ModuleGlobalsAdd", &Add);
  GlobalFunction::RegisterTyped("ffi.ModuleGlobalsRemove", &Remove);
}

}  // namespace kiln::runtime
