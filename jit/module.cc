#include "jit/module.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "jit/artifact/diagnostic.h"

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

}  // namespace

Module JitModule::Make(std::shared_ptr<const Artifact> artifact,
                       std::shared_ptr<LoadedImage> image) {
  auto* context = static_cast<void**>(image->Find(kLibraryContext));
  Module module(MakeObject<JitModule>(std::move(artifact), std::move(image)));
  if (context != nullptr) *context = module.get();
  return module;
}

JitModule::JitModule(std::shared_ptr<const Artifact> artifact, std::shared_ptr<LoadedImage> image)
    : artifact_(std::move(artifact)), image_(std::move(image)) {}

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
  if (format == "o") return WriteFile(file_name.str(), artifact_->objects.front());
  throw Error("ValueError",
              "a compiled module is written as 'kiln' or 'o', got format '" + format.str() + "'");
}

Bytes JitModule::SaveToBytes() const { return Bytes(std::string_view(Serialize(*artifact_))); }

String JitModule::InspectSource(const String& format) const {
  std::string text;
  if (format == "exports") {
    for (const std::string& name : artifact_->exports) text += name + "\n";
  } else if (format == "warnings") {
    for (const Diagnostic& warning : artifact_->warnings) text += Format(warning) + "\n";
  }
  return String(text);
}

}  // namespace kiln::jit
