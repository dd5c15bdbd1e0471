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

}  // namespace

Module JitModule::Make(std::shared_ptr<const Artifact> artifact, std::shared_ptr<LoadedImage> image,
                       std::shared_ptr<const Origin> origin) {
  auto* context = static_cast<void**>(image->Find(kLibraryContext));
  Module module(MakeObject<JitModule>(std::move(artifact), std::move(image), std::move(origin)));
  if (context != nullptr) *context = module.get();
  return module;
}

std::shared_ptr<LoadedImage> JitModule::ImageOf(const Module& module) {
  if (!module.defined()) throw Error("TypeError", "a null module can't be linked with");
  // The text at this very address tells this class: another library may have modules of this kind.
  if (module->kind() != kKind) {
    throw Error("TypeError",
                std::string("a module can be linked with those that kiln.jit made, got a module of "
                            "kind '") +
                    module->kind() + "'");
  }
  return static_cast<const JitModule*>(module.get())->image_;
}

JitModule::JitModule(std::shared_ptr<const Artifact> artifact, std::shared_ptr<LoadedImage> image,
                     std::shared_ptr<const Origin> origin)
    : artifact_(std::move(artifact)), image_(std::move(image)), origin_(std::move(origin)) {}

void* JitModule::EntryPoint(std::string_view prefix, const String& name) const {
  return image_->Find(std::string(prefix).append(name.view()));
}

Optional<String> JitModule::TextOf(std::string_view prefix, const String& name) const {
  void* entry = EntryPoint(prefix, name);
  if (entry == nullptr) return std::nullopt;
  Any text;
  CheckCall(reinterpret_cast<TVMFFISafeCallType>(entry)(nullptr, nullptr, 0, text.out()));
  return text.cast<String>();
}

Optional<Function> JitModule::GetFunction(const String& name) {
  void* entry = EntryPoint(kExportPrefix, name);
  if (entry == nullptr) return std::nullopt;
  return Function::FromSymbol(reinterpret_cast<TVMFFISafeCallType>(entry), image_);
}

bool JitModule::ImplementsFunction(const String& name) {
  return EntryPoint(kExportPrefix, name) != nullptr;
}

Optional<String> JitModule::GetFunctionDoc(const String& name) { return TextOf(kDocPrefix, name); }

Optional<String> JitModule::GetFunctionMetadata(const String& name) {
  return TextOf(kMetadataPrefix, name);
}

void JitModule::WriteToFile(const String& file_name, const String& format) const {
  if (format == "kiln") return WriteFile(file_name.str(), Serialize(*artifact_));
  if (format == "o") {
    const Artifact artifact = SelfContained(*artifact_);
    if (artifact.objects.size() == 1) return WriteFile(file_name.str(), artifact.objects.front());
    return WriteObject(artifact, file_name.str());
  }
  if (format == "so") return WriteSharedLibrary(SelfContained(*artifact_), file_name.str());
  throw Error("ValueError", "a compiled module is written as 'kiln', 'o' or 'so', got format '" +
                                format.str() + "'");
}

Bytes JitModule::SaveToBytes() const { return Bytes(std::string_view(Serialize(*artifact_))); }

std::string JitModule::WarningsAsText() const {
  std::string text;
  for (const Diagnostic& warning : artifact_->warnings) text += Format(warning) + "\n";
  return text;
}

const std::string& JitModule::OnlyObject() const {
  if (artifact_->objects.size() == 1) return artifact_->objects.front();
  throw Error("ValueError", "'" + artifact_->name + "' has " +
                                std::to_string(artifact_->objects.size()) +
                                " objects, and 'obj' shows a single one: write the module to a "
                                "file to have them all");
}

std::string JitModule::Stage(std::string_view stage) const {
  if (origin_ != nullptr) return origin_->Stage(stage);
  throw Error("ValueError", "can't show '" + std::string(stage) + "' of '" + artifact_->name +
                                "': the module came without its source; compile that to see it");
}

String JitModule::InspectSource(const String& format) const {
  const std::string_view stage = format.empty() ? "source" : format.view();
  if (stage == "warnings") return String(WarningsAsText());
  if (stage == "diagnostics") return String(ToJson(artifact_->warnings));
  if (stage == "obj") return String(OnlyObject());
  if (Origin::IsStage(stage)) return String(Stage(stage));
  if (stage != "exports") {
    throw Error("ValueError",
                "a compiled module shows 'source', 'll', 'll-opt', 'asm', 'ptx', 'obj', 'exports', "
                "'warnings' or 'diagnostics', got format '" +
                    format.str() + "'");
  }
  std::string text;
  for (const std::string& name : artifact_->exports) text += name + "\n";
  return String(text);
}

}  // namespace kiln::jit
