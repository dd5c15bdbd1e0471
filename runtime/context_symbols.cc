#include "runtime/context_symbols.h"

#include <algorithm>
#include <mutex>

#include <kiln/error.h>
#include <tvm/ffi/extra/c_env_api.h>

namespace kiln::runtime {
namespace {

struct SymbolTable {
  std::mutex mutex;
  std::vector<std::pair<std::string, void*>> symbols;
};

// Never destroyed: libraries are loaded and unloaded while the process exits, too.
SymbolTable& Table() {
  static auto* const table = new SymbolTable();
  return *table;
}

void Register(const std::string& name, void* symbol) {
  SymbolTable& table = Table();
  const std::lock_guard lock(table.mutex);
  const auto it = std::ranges::find(table.symbols, name, &std::pair<std::string, void*>::first);
  if (it == table.symbols.end()) {
    table.symbols.emplace_back(name, symbol);
  } else {
    it->second = symbol;
  }
}

}  // namespace

std::vector<std::pair<std::string, void*>> ContextSymbols() {
  SymbolTable& table = Table();
  const std::lock_guard lock(table.mutex);
  return table.symbols;
}

}  // namespace kiln::runtime

extern "C" int TVMFFIEnvModRegisterContextSymbol(const char* name, void* symbol) {
  return kiln::SafeCall([&] {
    if (name == nullptr) {
      throw kiln::Error("ValueError", "a context symbol needs a name, got null");
    }
    kiln::runtime::Register(name, symbol);
  });
}
