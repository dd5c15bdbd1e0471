#include "runtime/library_module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <memory>
#include <string_view>
#include <utility>

#include "runtime/context_symbols.h"

namespace kiln::runtime {
namespace {

constexpr std::string_view kFunctionPrefix = "__tvm_ffi_";
constexpr std::string_view kMetadataPrefix = "__tvm_ffi__metadata_";
constexpr std::string_view kDocPrefix = "__tvm_ffi__doc_";
constexpr const char* kContextVariable = "__tvm_ffi__library_ctx";
constexpr const char* kEmbeddedModules = "__tvm_ffi__library_bin";

// An open shared library.
class Library {
 public:
  explicit Library(const std::string& path) {
    const bool is_local_file =
        path.find('/') == std::string::npos && access(path.c_str(), F_OK) == 0;
    const std::string name = is_local_file ? "./" + path : path;
    handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) {
      const char* reason = dlerror();
      throw Error("RuntimeError", "the shared library '" + path + "' can't be loaded: " +
                                      (reason == nullptr ? "no reason given" : reason));
    }
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { dlclose(handle_); }

  // Null if there is no such symbol.
  void* Find(const char* symbol) const noexcept { return dlsym(handle_, symbol); }

 private:
  void* handle_;
};

// What the linker knows of the symbol at an address: STT_FUNC, STT_OBJECT, ...; STT_NOTYPE for
// symbols that do not say, as some hand-written assembly.
int SymbolType(void* address) noexcept {
  Dl_info info{};
  void* entry = nullptr;
  if (dladdr1(address, &info, &entry, RTLD_DL_SYMENT) == 0 || entry == nullptr) return STT_NOTYPE;
  return ELF64_ST_TYPE(static_cast<const ElfW(Sym)*>(entry)->st_info);
}

class LibraryModuleObj final : public ModuleObj {
 public:
  explicit LibraryModuleObj(const std::string& path) : library_(path) {
    if (library_.Find(kEmbeddedModules) != nullptr) {
      throw Error("RuntimeError", "the shared library '" + path + "' carries embedded modules (" +
                                      kEmbeddedModules + "), which this runtime does not load");
    }
    for (const auto& [name, address] : ContextSymbols()) {
      Store(FindVariable(name.c_str()), address);
    }
    context_ = FindVariable(kContextVariable);
    Store(context_, Self());
  }
  ~LibraryModuleObj() {
    if (context_ == nullptr) return;
    // Another module of the same library may have set it since.
    void* expected = Self();
    __atomic_compare_exchange_n(context_, &expected, nullptr, false, __ATOMIC_ACQ_REL,
                                __ATOMIC_RELAXED);
  }

  const char* kind() const override { return "library"; }
  int GetPropertyMask() const override { return kModuleBinarySerializable | kModuleRunnable; }

  Optional<Function> GetFunction(const String& name) override {
    const TVMFFISafeCallType symbol = FindEntry(kFunctionPrefix, name);
    if (symbol == nullptr) return std::nullopt;
    auto self = ObjectPtr<LibraryModuleObj>::Share(this);
    return Function::FromSymbol(symbol,
                                std::make_shared<ObjectPtr<LibraryModuleObj>>(std::move(self)));
  }
  bool ImplementsFunction(const String& name) override {
    return FindEntry(kFunctionPrefix, name) != nullptr;
  }
  Optional<String> GetFunctionDoc(const String& name) override {
    return TextOf(FindEntry(kDocPrefix, name));
  }
  Optional<String> GetFunctionMetadata(const String& name) override {
    return TextOf(FindEntry(kMetadataPrefix, name));
  }

 private:
  TVMFFISafeCallType FindEntry(std::string_view prefix, const String& name) const {
    if (name.view().find('\0') != std::string_view::npos) return nullptr;
    const std::string symbol = std::string(prefix) + name.str();
    void* address = library_.Find(symbol.c_str());
    if (address == nullptr || SymbolType(address) == STT_OBJECT) return nullptr;
    return reinterpret_cast<TVMFFISafeCallType>(address);
  }

  void** FindVariable(const char* name) const noexcept {
    void* address = library_.Find(name);
    if (address == nullptr || SymbolType(address) == STT_FUNC) return nullptr;
    return static_cast<void**>(address);
  }

  // Atomic: two threads may load the same library at once.
  static void Store(void** variable, void* value) noexcept {
    if (variable != nullptr) __atomic_store_n(variable, value, __ATOMIC_RELEASE);
  }

  // The library's context is the C++ object, not its handle: a module's header lies behind its
  // vptr.
  void* Self() noexcept { return static_cast<ModuleObj*>(this); }

  static Optional<String> TextOf(TVMFFISafeCallType entry) {
    if (entry == nullptr) return std::nullopt;
    Any text;
    CheckCall(entry(nullptr, nullptr, 0, text.out()));
    return text.cast<String>();
  }

  const Library library_;
  void** context_ = nullptr;
};

}  // namespace

Module LoadLibraryModule(const std::string& path) {
  return Module(MakeObject<LibraryModuleObj>(path));
}

}  // namespace kiln::runtime
