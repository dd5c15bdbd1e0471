#include "jit/session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "jit/log.h"
#include "jit/module.h"

namespace kiln::jit {
namespace {

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

}  // namespace

Session::Session() : linker_(Linker::Create()) {
  compilers_.push_back(MakeClangCompiler());
  compilers_.push_back(MakeLlvmCompiler());
}

Module Session::Compile(const Source& source, const CompileOptions& options) {
  PhaseTimes times;
  auto artifact =
      std::make_shared<Artifact>(CompilerFor(source.language).Compile(source, options, &times));
  std::shared_ptr<LoadedImage> image;
  {
    const PhaseTimer timer(&times, "link");
    image = linker_->Link(*artifact);
  }
  if (LogEnabled(LogLevel::kInfo)) {
    Log(LogLevel::kInfo, "compiled " + source.name + " (" +
                             std::string(LanguageName(source.language)) + ", O" +
                             std::to_string(options.opt_level) + ", " + artifact->cpu +
                             "): " + times.ToString() + "; exports " + Join(artifact->exports));
  }
  return JitModule::Make(std::move(artifact), std::move(image));
}

Module Session::Load(Artifact artifact) {
  std::shared_ptr<LoadedImage> image = linker_->Link(artifact);
  return JitModule::Make(std::make_shared<Artifact>(std::move(artifact)), std::move(image));
}

const Compiler& Session::CompilerFor(Language language) const {
  for (const std::unique_ptr<Compiler>& compiler : compilers_) {
    const std::span<const Language> languages = compiler->languages();
    if (std::find(languages.begin(), languages.end(), language) != languages.end()) {
      return *compiler;
    }
  }
  throw Error("ValueError",
              "no compiler takes language '" + std::string(LanguageName(language)) + "'");
}

Session& DefaultSession() {
  static auto* const session = new Session();
  return *session;
}

}  // namespace kiln::jit
