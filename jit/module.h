#ifndef KILN_JIT_MODULE_H_
#define KILN_JIT_MODULE_H_

#include <memory>
#include <string>

#include "jit/artifact/artifact.h"
#include "jit/link/linker.h"
#include "kiln/module.h"

namespace kiln::jit {

// A LoadedImage seen as a module of the ABI. Each Function that it hands out keeps the image alive,
// so that functions outlive the module. Any number of threads may use it at once.
//
// Write formats: "kiln", the artifact, which loads again as a module; "o", the relocatable object.
// InspectSource takes "exports" (the functions' names, one a line) and "warnings" (the compiler's
// warnings as text).
class JitModule : public ModuleObj {
 public:
  static Module Make(std::shared_ptr<const Artifact> artifact, std::shared_ptr<LoadedImage> image);

  JitModule(std::shared_ptr<const Artifact> artifact, std::shared_ptr<LoadedImage> image);

  const char* kind() const override { return "kiln_jit"; }
  int GetPropertyMask() const override {
    return kModuleBinarySerializable | kModuleRunnable | kModuleCompilationExportable;
  }
  Optional<Function> GetFunction(const String& name) override;
  bool ImplementsFunction(const String& name) override;
  Optional<String> GetFunctionDoc(const String& name) override;
  Optional<String> GetFunctionMetadata(const String& name) override;
  void WriteToFile(const String& file_name, const String& format) const override;
  Array<String> GetWriteFormats() const override { return {"kiln", "o"}; }
  Bytes SaveToBytes() const override;
  String InspectSource(const String& format) const override;

 private:
  // The address of the symbol `prefix` + `name`, or null.
  void* EntryPoint(std::string_view prefix, const String& name) const;
  // What that packed function without arguments returns.
  Optional<String> TextOf(std::string_view prefix, const String& name) const;

  std::shared_ptr<const Artifact> artifact_;
  std::shared_ptr<LoadedImage> image_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_MODULE_H_
