#include "runtime/library_module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/backtrace.h"
#include "runtime/context_symbols.h"
#include "runtime/name_table.h"

namespace kiln::runtime {
namespace {

constexpr std::string_view kFunctionPrefix = "__tvm_ffi_";
constexpr std::string_view kMetadataPrefix = "__tvm_ffi__metadata_";
constexpr std::string_view kDocPrefix = "__tvm_ffi__doc_";
constexpr const char* kContextVariable = "__tvm_ffi__library_ctx";
constexpr const char* kEmbeddedModules = "__tvm_ffi__library_bin";

// An open shared library.
class SharedLibrary final : public SymbolSource {
 public:
  explicit SharedLibrary(const std::string& path) {
    const bool is_local_file =
        path.find('/') == std::string::npos && access(path.c_str(), F_OK) == 0;
    const std::string name = is_local_file ? "./" + path : path;
    // What was raised before is not the library's.
    TVMFFIObjectHandle before = nullptr;
    TVMFFIErrorMoveFromRaised(&before);
    const ObjectPtr<ErrorObj> raised_before = ObjectPtr<ErrorObj>::AdoptHandle(before);

    handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) {
      const char* reason = dlerror();
      throw Error("RuntimeError", "the shared library '" + path + "' can't be loaded: " +
                                      (reason == nullptr ? "no reason given" : reason));
    }
    ThrowInitialisationError(path);
    if (raised_before) TVMFFIErrorSetRaised(raised_before.header());
  }
  SharedLibrary(const SharedLibrary&) = delete;
  SharedLibrary& operator=(const SharedLibrary&) = delete;
  ~SharedLibrary() override {
    ForgetBacktraceLines();
    dlclose(handle_);
  }

  void* Find(const std::string& symbol) const override { return dlsym(handle_, symbol.c_str()); }
  void* FindEntry(std::string_view lead, std::string_view name) const override {
    return Find(details::Concat({lead, name}));
  }
  bool IsFixed() const noexcept override { return true; }

 private:
  // A static initialiser that fails leaves its error raised.
  void ThrowInitialisationError(const std::string& path) {
    TVMFFIObjectHandle handle = nullptr;
    TVMFFIErrorMoveFromRaised(&handle);
    if (handle == nullptr) return;
    const Error error(ObjectPtr<ErrorObj>::AdoptHandle(handle));
    dlclose(handle_);
    throw Error(error.kind(),
                details::Concat({"the initialisation of the shared library '", path,
                                 "' failed: ", error.message()}),
                error.backtrace(), &error, ObjectRef());
  }

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

// The functions that have been found, for lookups that ask the linker nothing and take no lock.
// Names that are not there are not kept: anyone may ask for any number of them.
class FoundFunctions {
 public:
  FoundFunctions() = default;
  FoundFunctions(const FoundFunctions&) = delete;
  FoundFunctions& operator=(const FoundFunctions&) = delete;
  ~FoundFunctions() { functions_.Free(); }

  // Null if it has not been kept yet.
  TVMFFISafeCallType Find(std::string_view name) const noexcept {
    const Entry* entry = functions_.Find(name);
    return entry == nullptr ? nullptr : entry->symbol;
  }
  void Keep(std::string_view name, TVMFFISafeCallType symbol) {
    auto entry = std::make_unique<Entry>(name, symbol);
    const std::lock_guard lock(mutex_);
    if (functions_.Find(name) == nullptr) functions_.Insert(std::move(entry));
  }

 private:
  struct Entry {
    Entry(std::string_view function_name, TVMFFISafeCallType function_symbol)
        : name_text(function_name), symbol(function_symbol) {}
    std::string_view name() const noexcept { return name_text; }

    const std::string name_text;
    const TVMFFISafeCallType symbol;
  };

  NameTable<Entry, 16> functions_;
  std::mutex mutex_;  // held by whoever adds one
};

class LibraryModuleObj final : public ModuleObj {
 public:
  explicit LibraryModuleObj(std::unique_ptr<const SymbolSource> symbols)
      : symbols_(std::move(symbols)) {
    for (const auto& [name, address] : ContextSymbols()) Store(FindVariable(name), address);
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
    const TVMFFISafeCallType symbol = FindFunction(name);
    if (symbol == nullptr) return std::nullopt;
    return Function::FromSymbol(symbol, ObjectPtr<LibraryModuleObj>::Share(this));
  }
  bool ImplementsFunction(const String& name) override { return FindFunction(name) != nullptr; }
  Optional<String> GetFunctionDoc(const String& name) override {
    return TextOf(FindEntry(kDocPrefix, name));
  }
  Optional<String> GetFunctionMetadata(const String& name) override {
    return TextOf(FindEntry(kMetadataPrefix, name));
  }

 private:
  TVMFFISafeCallType FindFunction(const String& name) {
    if (!symbols_->IsFixed()) return FindEntry(kFunctionPrefix, name);
    if (const TVMFFISafeCallType known = found_.Find(name.view())) return known;
    const TVMFFISafeCallType symbol = FindEntry(kFunctionPrefix, name);
    if (symbol != nullptr) found_.Keep(name.view(), symbol);
    return symbol;
  }

  TVMFFISafeCallType FindEntry(std::string_view prefix, const String& name) const {
    if (name.view().find('\0') != std::string_view::npos) return nullptr;
    void* address = symbols_->FindEntry(prefix, name.view());
    if (address == nullptr || SymbolType(address) == STT_OBJECT) return nullptr;
    return reinterpret_cast<TVMFFISafeCallType>(address);
  }

  void** FindVariable(const std::string& name) const {
    void* address = symbols_->Find(name);
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

  const std::unique_ptr<const SymbolSource> symbols_;
  FoundFunctions found_;
  void** context_ = nullptr;
};

}  // namespace

Module MakeLibraryModule(std::unique_ptr<const SymbolSource> symbols) {
  return Module(MakeObject<LibraryModuleObj>(std::move(symbols)));
}

Module LoadLibraryModule(const std::string& path) {
  auto library = std::make_unique<SharedLibrary>(path);
  if (library->Find(kEmbeddedModules) != nullptr) {
    throw Error("RuntimeError", "the shared library '" + path + "' carries embedded modules (" +
                                    kEmbeddedModules + "), which this runtime does not load");
  }
  return MakeLibraryModule(std::move(library));
}

}  // namespace kiln::runtime
