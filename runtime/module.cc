#include "runtime/module.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <kiln/module.h>

#include "runtime/library_module.h"
#include "runtime/system_library.h"

namespace kiln::runtime {
namespace {

ModuleObj& Checked(const Module& module) {
  if (!module.defined()) throw Error("TypeError", "expected ffi.Module, got None");
  return *module.get();
}

// The modules that are asked for a name, in order: `root`, and with `query_imports` all it imports,
// depth first, each once.
std::vector<Module> ModulesToAsk(const Module& root, bool query_imports) {
  Checked(root);
  std::vector<Module> modules;
  std::vector<Module> pending{root};
  while (!pending.empty()) {
    Module module = std::move(pending.back());
    pending.pop_back();
    const bool seen =
        std::ranges::any_of(modules, [&](const Module& other) { return other.same_as(module); });
    if (seen) continue;
    modules.push_back(module);
    if (!query_imports) break;
    const Array<Any>& imports = module->imports();
    for (size_t i = imports.size(); i-- > 0;) pending.push_back(imports[i].cast<Module>());
  }
  return modules;
}

// What the first module that has something answers; none if no module has.
template <typename Ask>
Any FirstAnswer(const Module& root, bool query_imports, Ask&& ask) {
  for (const Module& module : ModulesToAsk(root, query_imports)) {
    if (auto answer = ask(*module.get())) return Any(*answer);
  }
  return Any();
}

Any GetFunction(const Module& module, const String& name, bool query_imports) {
  return FirstAnswer(module, query_imports, [&](ModuleObj& m) { return m.GetFunction(name); });
}

Any GetFunctionMetadata(const Module& module, const String& name, bool query_imports) {
  return FirstAnswer(module, query_imports,
                     [&](ModuleObj& m) { return m.GetFunctionMetadata(name); });
}

Any GetFunctionDoc(const Module& module, const String& name, bool query_imports) {
  return FirstAnswer(module, query_imports, [&](ModuleObj& m) { return m.GetFunctionDoc(name); });
}

bool ImplementsFunction(const Module& module, const String& name, bool query_imports) {
  return std::ranges::any_of(ModulesToAsk(module, query_imports),
                             [&](const Module& m) { return m.get()->ImplementsFunction(name); });
}

// "so" for every name that a shared library has on some system.
std::string FormatOf(const std::string& path) {
  const size_t name_begin = path.rfind('/') + 1;  // npos + 1 is 0
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos || dot < name_begin || dot + 1 == path.size()) {
    throw Error("RuntimeError",
                "the module file '" + path + "' has no suffix to tell its format, such as .so");
  }
  const std::string suffix = path.substr(dot + 1);
  return suffix == "dll" || suffix == "dylib" || suffix == "dso" ? "so" : suffix;
}

Module LoadFromFile(const String& file_name) {
  const std::string format = FormatOf(file_name.str());
  const std::string loader_name = "ffi.Module.load_from_file." + format;
  const auto loader = GlobalFunction::Find(loader_name);
  if (!loader) {
    throw Error("RuntimeError", "no loader for '" + file_name.str() + "': a library that reads ." +
                                    format + " files registers the global function '" +
                                    loader_name + "'; load that library first");
  }
  return (*loader)(file_name, String(format)).cast<Module>();
}

}  // namespace

std::optional<Function> FindInImports(const Module& root, const String& name) {
  const std::vector<Module> modules = ModulesToAsk(root, /*query_imports=*/true);
  for (size_t i = 1; i < modules.size(); ++i) {
    if (Optional<Function> function = modules[i]->GetFunction(name)) return *function;
  }
  return std::nullopt;
}

void RegisterModuleFunctions() {
  GlobalFunction::RegisterTyped("ffi.ModuleLoadFromFile", &LoadFromFile);
  GlobalFunction::RegisterTyped(
      "ffi.Module.load_from_file.so",
      [](const String& file_name, const String&) { return LoadLibraryModule(file_name.str()); });
  GlobalFunction::Register("ffi.SystemLib", SystemLibraryFunction());
  GlobalFunction::RegisterTyped("ffi.ModuleGetFunction", &GetFunction);
  GlobalFunction::RegisterTyped("ffi.ModuleGetFunctionMetadata", &GetFunctionMetadata);
  GlobalFunction::RegisterTyped("ffi.ModuleGetFunctionDoc", &GetFunctionDoc);
  GlobalFunction::RegisterTyped("ffi.ModuleImplementsFunction", &ImplementsFunction);
  GlobalFunction::RegisterTyped("ffi.ModuleGetKind", [](const Module& module) {
    return String(std::string_view(Checked(module).kind()));
  });
  GlobalFunction::RegisterTyped("ffi.ModuleGetPropertyMask", [](const Module& module) {
    return Checked(module).GetPropertyMask();
  });
  GlobalFunction::RegisterTyped("ffi.ModuleInspectSource",
                                [](const Module& module, const String& format) {
                                  return Checked(module).InspectSource(format);
                                });
  GlobalFunction::RegisterTyped("ffi.ModuleGetWriteFormats", [](const Module& module) {
    return Checked(module).GetWriteFormats();
  });
  GlobalFunction::RegisterTyped(
      "ffi.ModuleWriteToFile",
      [](const Module& module, const String& file_name, const String& format) {
        Checked(module).WriteToFile(file_name, format);
      });
  GlobalFunction::RegisterTyped("ffi.ModuleImportModule",
                                [](const Module& module, const Module& other) {
                                  Checked(other);
                                  Checked(module).ImportModule(other);
                                });
  GlobalFunction::RegisterTyped("ffi.ModuleClearImports",
                                [](const Module& module) { Checked(module).ClearImports(); });
}

}  // namespace kiln::runtime
