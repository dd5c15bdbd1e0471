// Modules: named functions that come and go together; a shared library, a JIT-compiled image, or a
// class of your own.
//
//   kiln::Module module = kiln::Module::LoadFromFile("kernels.so");
//   kiln::Function add = module.GetFunction("add");
#ifndef KILN_MODULE_H_
#define KILN_MODULE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kiln/array.h"
#include "kiln/function.h"
#include "kiln/map.h"
#include "kiln/optional.h"
#include "kiln/registry.h"

namespace kiln {

class Module;

// What a module can do; the bits of ModuleObj::GetPropertyMask.
enum ModuleProperty : int {
  kModuleBinarySerializable = 1 << 0,
  kModuleRunnable = 1 << 1,
  kModuleCompilationExportable = 1 << 2,
};

// The base of every module. The virtual functions, their order and the two fields are the ABI's:
// code built with other headers calls them, so none may be added, moved or retyped.
//
// The virtual table comes first, so a module's address is not its handle, which lies 8 bytes on.
// Where the ABI stores a module for code to find (`__tvm_ffi__library_ctx`), it stores the address.
//
// Those that are defined below are declared inline: the first that is not would make every file
// that sees this header emit the whole class.
//
// Functions may be called from many threads; an implementation guards what it changes.
class ModuleObj : public Object {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIModule;

  // The name of the module's class: "library", "kiln_jit", ...
  virtual const char* kind() const = 0;
  // ModuleProperty bits.
  virtual int GetPropertyMask() const { return 0; }
  // The function of that name, which keeps the module's code alive, or absent.
  virtual Optional<Function> GetFunction(const String& name) = 0;
  virtual bool ImplementsFunction(const String& name) { return GetFunction(name).has_value(); }
  inline virtual Optional<String> GetFunctionDoc(const String& name);
  // The function's type schema as JSON.
  inline virtual Optional<String> GetFunctionMetadata(const String& name);
  // Writes the module in one of its write formats. Throws where the format is none of them.
  inline virtual void WriteToFile(const String& file_name, const String& format) const;
  virtual Array<String> GetWriteFormats() const { return {}; }
  inline virtual Bytes SaveToBytes() const;
  // The module's source in that format ("" for the default), or an empty string.
  inline virtual String InspectSource(const String& format) const;
  // Makes the functions of `other` findable through this module. Throws RuntimeError if `other`
  // leads back to this module. Not while another thread looks functions up.
  inline virtual void ImportModule(const Module& other);
  inline virtual void ClearImports();

  const Array<Any>& imports() const noexcept { return imports_; }

 protected:
  ~ModuleObj() = default;

 private:
  [[noreturn]] void ThrowUnsupported(const char* operation) const {
    throw Error("RuntimeError",
                details::Concat({"a module of kind '", kind(), "' does not support ", operation}));
  }

  // True if `target` is this module, or imported by it, directly or not.
  bool Reaches(const ModuleObj* target) const;
  static ObjectRef NoLookups() { return Map<String, Function>(); }

  Array<Any> imports_;
  ObjectRef import_lookup_cache_ = NoLookups();
};

// A reference to a module. Null only when default-made.
class Module : public ObjectRef {
 public:
  KILN_OBJECT_REF(Module, ObjectRef, ModuleObj);

  // Loads a module by its file's suffix: a shared library (.so), or any format that a library has
  // registered as `ffi.Module.load_from_file.<suffix>`.
  static Module LoadFromFile(std::string_view path) {
    return GlobalFunction::Get("ffi.ModuleLoadFromFile")(String(path)).cast<Module>();
  }

  // The function of that name, or nullopt.
  std::optional<Function> FindFunction(std::string_view name) const {
    if (!defined()) {
      throw Error("TypeError", details::Concat({"function '", name, "' asked of a null module"}));
    }
    Optional<Function> function = get()->GetFunction(String(name));
    if (!function) return std::nullopt;
    return *function;
  }
  // The function of that name. Throws AttributeError where there is none; the message lists the
  // functions that there are, if the module tells (InspectSource("exports"), one a line).
  Function GetFunction(std::string_view name) const {
    std::optional<Function> function = FindFunction(name);
    if (!function) ThrowNoFunction(name);
    return *std::move(function);
  }

 private:
  [[noreturn]] void ThrowNoFunction(std::string_view name) const {
    std::string message =
        details::Concat({"the module of kind '", get()->kind(), "' has no function '", name, "'"});
    const String exports = get()->InspectSource("exports");
    std::string_view left = exports.view();
    for (const char* separator = "; it has: "; !left.empty(); separator = ", ") {
      const size_t line = left.find('\n');
      message.append(separator).append(left.substr(0, line));
      left.remove_prefix(line == left.npos ? left.size() : line + 1);
    }
    throw Error("AttributeError", message);
  }
};

inline Optional<String> ModuleObj::GetFunctionDoc(const String&) { return std::nullopt; }
inline Optional<String> ModuleObj::GetFunctionMetadata(const String&) { return std::nullopt; }
inline void ModuleObj::WriteToFile(const String&, const String&) const {
  ThrowUnsupported("WriteToFile");
}
inline Bytes ModuleObj::SaveToBytes() const { ThrowUnsupported("SaveToBytes"); }
inline String ModuleObj::InspectSource(const String&) const { return {}; }
inline bool ModuleObj::Reaches(const ModuleObj* target) const {
  if (this == target) return true;
  for (size_t i = 0; i < imports_.size(); ++i) {
    if (imports_[i].cast<Module>()->Reaches(target)) return true;
  }
  return false;
}
inline void ModuleObj::ImportModule(const Module& other) {
  if (!other.defined()) throw Error("TypeError", "a null module can't be imported");
  if (other->Reaches(this)) {
    throw Error("RuntimeError", details::Concat({"importing a module of kind '", other->kind(),
                                                 "' would close a circle of imports"}));
  }
  const size_t count = imports_.size();
  imports_ = Array<Any>(
      ArrayObj::Make(count + 1, [&](size_t i) { return i < count ? imports_[i] : Any(other); }));
  import_lookup_cache_ = NoLookups();
}
inline void ModuleObj::ClearImports() {
  imports_ = {};
  import_lookup_cache_ = NoLookups();
}

}  // namespace kiln

#endif  // KILN_MODULE_H_
