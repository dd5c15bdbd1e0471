#ifndef KILN_JIT_MODULE_H_
#define KILN_JIT_MODULE_H_

#include <memory>
#include <string>
#include <string_view>

#include "jit/artifact/artifact.h"
#include "jit/link/linker.h"
#include "jit/origin.h"
#include "jit/service/tiered_code.h"
#include "kiln/module.h"

namespace kiln::jit {

// A LoadedImage seen as a module of the ABI. Each Function that it hands out keeps the image alive,
// so that functions outlive the module. Any number of threads may use it at once.
//
// A module of tiers is written and shown as it is at the moment.
//
// Write formats: "kiln", the artifact, which loads again as a module; "o", one relocatable object;
// "so", a shared library, which any loader of the ABI loads.
//
// InspectSource shows:
//   "exports"              the functions' names, one a line
//   "warnings"             the compiler's warnings and remarks as text
//   "diagnostics"          the same as JSON, as ToJson of diagnostic.h writes it
//   "obj"                  the bytes of the relocatable object, which are no text; a module of
//                          several objects shows none
//   "source", ""           the text of the source
//   "ll", "ll-opt", "asm"  the stages of the compile, as Origin makes them: by compiling again
// A module that was loaded has no source, and so none of the last two lines: they are a ValueError,
// as is a format that is not listed here.
class JitModule : public ModuleObj {
 public:
  // `origin` is null where the artifact was not compiled for this module.
  static Module Make(LoadedCode code, std::shared_ptr<const Origin> origin);

  // A module whose code `tiers` will improve.
  static Module Make(std::shared_ptr<TieredCode> tiers, std::shared_ptr<const Origin> origin);

  // The code of a module that Make made, as it is at the moment. Throws TypeError where `module` is
  // none.
  static std::shared_ptr<LoadedImage> ImageOf(const Module& module);
  // The tiers of a module that Make made; null where it has none. Throws as ImageOf does.
  static std::shared_ptr<TieredCode> TiersOf(const Module& module);

  JitModule(LoadedCode code, std::shared_ptr<TieredCode> tiers,
            std::shared_ptr<const Origin> origin);
  ~JitModule();

  const char* kind() const override { return kKind; }
  int GetPropertyMask() const override {
    return kModuleBinarySerializable | kModuleRunnable | kModuleCompilationExportable;
  }
  Optional<Function> GetFunction(const String& name) override;
  bool ImplementsFunction(const String& name) override;
  Optional<String> GetFunctionDoc(const String& name) override;
  Optional<String> GetFunctionMetadata(const String& name) override;
  void WriteToFile(const String& file_name, const String& format) const override;
  Array<String> GetWriteFormats() const override { return {"kiln", "o", "so"}; }
  Bytes SaveToBytes() const override;
  String InspectSource(const String& format) const override;

 private:
  static constexpr char kKind[] = "kiln_jit";

  static Module Make(LoadedCode code, std::shared_ptr<TieredCode> tiers,
                     std::shared_ptr<const Origin> origin);
  static const JitModule* Checked(const Module& module);

  // The address of the symbol `prefix` + `name`, or null.
  void* EntryPoint(std::string_view prefix, const String& name) const;
  // What that packed function without arguments returns.
  Optional<String> TextOf(std::string_view prefix, const String& name) const;
  LoadedCode Code() const;
  std::string Stage(std::string_view stage) const;

  LoadedCode code_;                    // that the module was made with
  std::shared_ptr<TieredCode> tiers_;  // null where the code stays as it is
  std::shared_ptr<const Origin> origin_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_MODULE_H_
