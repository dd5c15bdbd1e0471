#include "jit/module.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "jit/artifact/diagnostic.h"
#include "jit/compile/cuda/cuda_runtime_library.h"
#include "jit/compile/llvm/support_code.h"
#include "jit/link/shared_library.h"
#include "jit/stats.h"

namespace kiln::jit {
namespace {

// Code that looks up functions of its own module finds the module in this variable: the ABI demands
// the address of the ModuleObj, which is not that of its object header.
constexpr std::string_view kLibraryContext = "__tvm_ffi__library_ctx";

void WriteFile(const std::string& path, std::string_view bytes) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw Error("RuntimeError", "can't write '" + path + "': " + std::strerror(errno));
}

bool Mention(const std::vector<std::string>& objects, std::string_view symbol) {
  return std::any_of(objects.begin(), objects.end(), [&](const std::string& object) {
    return object.find(symbol) != std::string::npos;
  });
}

// The artifact with all that its objects need of this library. Launches of host code go to the CUDA
// runtime; kernels that are called as functions can't do without the engine.
Artifact SelfContained(Artifact artifact) {
  if (Mention(artifact.objects, "kiln_begin_launch")) {
    throw Error("ValueError", "'" + artifact.name +
                                  "' exports kernels, which the engine launches: write it as "
                                  "'kiln', or export host functions that launch them");
  }
  if (Mention(artifact.objects, "__cudaRegisterFatBinary")) {
    artifact.libraries.push_back(CudaRuntimeLibrary());
  }
  for (std::string& object : SupportObjects(artifact.objects)) {
    artifact.objects.push_back(std::move(object));
  }
  return artifact;
}

std::string WarningsAsText(const Artifact& artifact) {
  std::string text;
  for (const Diagnostic& warning : artifact.warnings) text += Format(warning) + "\n";
  return text;
}

const std::string& OnlyObject(const Artifact& artifact) {
  if (artifact.objects.size() == 1) return artifact.objects.front();
  throw Error("ValueError", "'" + artifact.name + "' has " +
                                std::to_string(artifact.objects.size()) +
                                " objects, and 'obj' shows a single one: write the module to a "
                                "file to have them all");
}

}  // namespace

Module JitModule::Make(LoadedCode code, std::shared_ptr<const Origin> origin) {
  return Make(std::move(code), nullptr, std::move(origin));
}

Module JitModule::Make(std::shared_ptr<TieredCode> tiers, std::shared_ptr<const Origin> origin) {
  LoadedCode code = tiers->Current();
  return Make(std::move(code), std::move(tiers), std::move(origin));
}

Module JitModule::Make(LoadedCode code, std::shared_ptr<TieredCode> tiers,
                       std::shared_ptr<const Origin> origin) {
  auto* context = static_cast<void**>(code.image->Find(kLibraryContext));
  Module module(MakeObject<JitModule>(std::move(code), std::move(tiers), std::move(origin)));
  if (context != nullptr) *context = module.get();
  return module;
}

const JitModule* JitModule::Checked(const Module& module) {
  if (!module.defined()) throw Error("TypeError", "a null module can't be linked with");
  // The text at this very address tells this class: another library may have modules of this kind.
  if (module->kind() != kKind) {
    throw Error("TypeError",
                std::string("a module can be linked with those that kiln.jit made, got a module of "
                            "kind '") +
                    module->kind() + "'");
  }
  return static_cast<const JitModule*>(module.get());
}

std::shared_ptr<LoadedImage> JitModule::ImageOf(const Module& module) {
  return Checked(module)->Code().image;
}

std::shared_ptr<TieredCode> JitModule::TiersOf(const Module& module) {
  return Checked(module)->tiers_;
}

JitModule::JitModule(LoadedCode code, std::shared_ptr<TieredCode> tiers,
                     std::shared_ptr<const Origin> origin)
    : code_(std::move(code)), tiers_(std::move(tiers)), origin_(std::move(origin)) {
  ++TheStats().live_modules;
}

JitModule::~JitModule() { --TheStats().live_modules; }

LoadedCode JitModule::Code() const { return tiers_ == nullptr ? code_ : tiers_->Current(); }

void* JitModule::EntryPoint(std::string_view prefix, const String& name) const {
  return code_.image->Find(std::string(prefix).append(name.view()));
}

Optional<String> JitModule::TextOf(std::string_view prefix, const String& name) const {
  void* entry = EntryPoint(prefix, name);
  if (entry == nullptr) return std::nullopt;
  Any text;
  CheckCall(reinterpret_cast<TVMFFISafeCallType>(entry)(nullptr, nullptr, 0, text.out()));
  return text.cast<String>();
}

Optional<Function> JitModule::GetFunction(const String& name) {
  if (tiers_ != nullptr) return tiers_->FunctionOf(std::string(kExportPrefix) + name.str());
  void* entry = EntryPoint(kExportPrefix, name);
  if (entry == nullptr) return std::nullopt;
  return Function::FromSymbol(reinterpret_cast<TVMFFISafeCallType>(entry), code_.image);
}

bool JitModule::ImplementsFunction(const String& name) {
  return EntryPoint(kExportPrefix, name) != nullptr;
}

Optional<String> JitModule::GetFunctionDoc(const String& name) { return TextOf(kDocPrefix, name); }

Optional<String> JitModule::GetFunctionMetadata(const String& name) {
  return TextOf(kMetadataPrefix, name);
}

void JitModule::WriteToFile(const String& file_name, const String& format) const {
  const std::shared_ptr<const Artifact> written = Code().artifact;
  if (format == "kiln") return WriteFile(file_name.str(), Serialize(*written));
  if (format == "o") {
    const Artifact artifact = SelfContained(*written);
    if (artifact.objects.size() == 1) return WriteFile(file_name.str(), artifact.objects.front());
    return WriteObject(artifact, file_name.str());
  }
  if (format == "so") return WriteSharedLibrary(SelfContained(*written), file_name.str());
  throw Error("ValueError", "a compiled module is written as 'kiln', 'o' or 'so', got format '" +
                                format.str() + "'");
}

Bytes JitModule::SaveToBytes() const {
  return Bytes(std::string_view(Serialize(*Code().artifact)));
}

std::string JitModule::Stage(std::string_view stage) const {
  if (origin_ != nullptr) return origin_->Stage(stage);
  throw Error("ValueError", "can't show '" + std::string(stage) + "' of '" + code_.artifact->name +
                                "': the module came without its source; compile that to see it");
}

String JitModule::InspectSource(const String& format) const {
  const std::string_view stage = format.empty() ? "source" : format.view();
  if (Origin::IsStage(stage)) return String(Stage(stage));
  const std::shared_ptr<const Artifact> shown = Code().artifact;
  if (stage == "warnings") return String(WarningsAsText(*shown));
  if (stage == "diagnostics") return String(ToJson(shown->warnings));
  if (stage == "obj") return String(OnlyObject(*shown));
  if (stage != "exports") {
    throw Error("ValueError",
                "a compiled module shows 'source', 'll', 'll-opt', 'asm', 'ptx', 'obj', 'exports', "
                "'warnings' or 'diagnostics', got format '" +
                    format.str() + "'");
  }
  std::string text;
  for (const std::string& name : shown->exports) text += name + "\n";
  return String(text);
}

}  // namespace kiln::jit
