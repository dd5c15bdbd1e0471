#include "jit/origin.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "jit/compile/compile_safely.h"
#include "jit/threads/compile_threads.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

struct CompiledStage {
  std::string_view name;
  std::string StageTexts::* text;
  std::string_view comment;
};
constexpr CompiledStage kCompiledStages[] = {
    {"ll", &StageTexts::ir, "; "},
    {"ll-opt", &StageTexts::optimized_ir, "; "},
    {"asm", &StageTexts::assembly, "# "},
    {"ptx", &StageTexts::ptx, "// "},
};

const CompiledStage* FindStage(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kCompiledStages), std::end(kCompiledStages),
                   [&](const CompiledStage& stage) { return stage.name == name; });
  return found == std::end(kCompiledStages) ? nullptr : found;
}

}  // namespace

Origin::Origin(std::vector<Part> parts, CompileOptions options)
    : parts_(std::move(parts)), options_(std::move(options)) {
  options_.remarks = false;  // They would fill the IR with places, and change nothing else.
}

bool Origin::IsStage(std::string_view name) {
  return name == "source" || FindStage(name) != nullptr;
}

std::string Origin::Stage(std::string_view stage) const {
  const CompiledStage* const compiled = FindStage(stage);
  std::string all;
  bool found = false;
  for (const Part& part : parts_) {
    std::string text = part.source.text;
    if (compiled != nullptr) {
      CompileReport report;
      report.stages.emplace();
      CompileThreads::Global().Run(
          [&] { CompileSafely(*part.compiler, part.source, options_, &report); });
      text = std::move((*report.stages).*(compiled->text));
    }
    found |= !text.empty();
    if (parts_.size() == 1) {
      all = std::move(text);
      break;
    }
    all += std::string(compiled == nullptr ? "// " : compiled->comment) + part.source.name + "\n";
    all += text;
    if (!text.empty() && !text.ends_with('\n')) all += '\n';
  }
  if (!found) {
    throw Error("ValueError", "'" + parts_.front().source.name + "' has no stage '" +
                                  std::string(stage) + "': its language is '" +
                                  std::string(LanguageName(parts_.front().source.language)) + "'");
  }
  return all;
}

}  // namespace kiln::jit
