#include "runtime/system_library.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <tvm/ffi/extra/c_env_api.h>

#include "runtime/library_module.h"
#include "runtime/name_table.h"

namespace kiln::runtime {
namespace {

struct Symbol {
  explicit Symbol(std::string_view symbol_name) : name_text(symbol_name) {}
  std::string_view name() const noexcept { return name_text; }

  const std::string name_text;
  std::atomic<void*> address{nullptr};
};

struct SystemLibrary {
  NameTable<Symbol> symbols;
  std::mutex mutex;                                    // held by whoever adds a symbol or a module
  std::map<std::string, Module, std::less<>> modules;  // by prefix
};

SystemLibrary& Global() {
  static auto* const library = new SystemLibrary();
  return *library;
}

void* AddressOf(std::string_view symbol) noexcept {
  const Symbol* found = Global().symbols.Find(symbol);
  return found == nullptr ? nullptr : found->address.load(std::memory_order_acquire);
}

class PrefixedSymbols final : public SymbolSource {
 public:
  explicit PrefixedSymbols(std::string_view prefix) : prefix_(prefix) {}

  void* Find(const std::string& symbol) const override {
    void* address = AddressOf(prefix_ + symbol);
    return address != nullptr ? address : AddressOf(symbol);
  }
  void* FindEntry(std::string_view lead, std::string_view name) const override {
    void* address = AddressOf(details::Concat({lead, prefix_, name}));
    return address != nullptr ? address : AddressOf(details::Concat({lead, name}));
  }
  bool IsFixed() const noexcept override { return false; }

 private:
  const std::string prefix_;
};

Module ModuleOf(std::string_view prefix) {
  SystemLibrary& library = Global();
  const std::lock_guard lock(library.mutex);
  const auto known = library.modules.find(prefix);
  if (known != library.modules.end()) return known->second;
  Module module = MakeLibraryModule(std::make_unique<PrefixedSymbols>(prefix));
  return library.modules.emplace(prefix, std::move(module)).first->second;
}

void Register(std::string_view name, void* address) {
  SystemLibrary& library = Global();
  const std::lock_guard lock(library.mutex);
  Symbol* symbol = library.symbols.Find(name);
  if (symbol == nullptr) symbol = library.symbols.Insert(std::make_unique<Symbol>(name));
  symbol->address.store(address, std::memory_order_release);
}

}  // namespace

Function SystemLibraryFunction() {
  return Function::FromPacked([](PackedArgs args, Any* result) {
    *result = Any(ModuleOf(args.size() == 0 ? String() : args[0].cast<String>()));
  });
}

}  // namespace kiln::runtime

extern "C" int TVMFFIEnvModRegisterSystemLibSymbol(const char* name, void* symbol) {
  return kiln::SafeCall([&] {
    if (name == nullptr) {
      throw kiln::Error("ValueError", "a symbol of the system library needs a name, got null");
    }
    kiln::runtime::Register(name, symbol);
  });
}
