// An agent that writes a kernel, and mends it until it compiles and gives the right results. All
// that it knows about its mistakes it reads from the structured messages of Kiln.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <kiln/jit.h>
#include <kiln/kiln.h>

#include "samples/repair_loop/diagnostics.h"
#include "samples/repair_loop/rules.h"

namespace {

constexpr int kMostRounds = 20;
constexpr int64_t kElements = 100;

// The first draft. It has eight mistakes, and one of them compiles.
constexpr const char* kDraft = R"(// y[i] = exp(x[i]) / sum of exp(x)
void softmax(const float* x, float* y, int64_t n) {
  float largest = -FLT_MAX
  for (i = 0; i < n; ++i) largest = fmaxf(largest, x[i]);
  float sum;
  for (int64_t i = 0; i < n; ++i) {
    y[i] = expf(x[i] - largst);
    sum += y[i];
  }
  for (int64_t i = 0; i < n; ++i) y[i] = y[i] / sum);
}
)";

// How far the kernel's results are from softmax in double precision.
double ErrorOf(const kiln::Function& softmax) {
  const auto x = kiln::Tensor::Empty({kElements}, kiln::DataTypeOf<float>());
  const auto y = kiln::Tensor::Empty({kElements}, kiln::DataTypeOf<float>());
  double sum = 0;
  for (int64_t i = 0; i < kElements; ++i) {
    x.elements<float>()[i] = static_cast<float>(std::sin(static_cast<double>(i)));
    sum += std::exp(static_cast<double>(x.elements<float>()[i]));
  }
  softmax(x, y, kElements);
  double error = 0;
  for (int64_t i = 0; i < kElements; ++i) {
    const double expected = std::exp(static_cast<double>(x.elements<float>()[i])) / sum;
    const double off = std::fabs(y.elements<float>()[i] - expected);
    error = std::isnan(off) ? off : std::max(error, off);
    if (std::isnan(error)) break;
  }
  return error;
}

// What a round found wrong; nothing if the kernel compiles and gives the right results.
struct Findings {
  std::string summary;
  std::vector<repair::Diagnostic> diagnostics;
};

std::optional<Findings> Try(const std::string& source) {
  try {
    const kiln::Module module =
        kiln::jit::Compile(source, {.name = "softmax.c",
                                    .exports = {"softmax"},
                                    .more = {{"flags", kiln::Array<kiln::String>{"-Wall"}}}});
    // Results that are only right by chance count as wrong.
    auto warnings = repair::ReadDiagnostics(module.get()->InspectSource("diagnostics").str());
    const double error = ErrorOf(module.GetFunction("softmax"));
    if (error < 1e-6 && warnings.empty()) return std::nullopt;
    return Findings{"it compiles, and is off by " + std::to_string(error), std::move(warnings)};
  } catch (const kiln::Error& error) {
    const std::string json = kiln::jit::DiagnosticsOf(error);
    if (json.empty()) throw;
    return Findings{"it does not compile", repair::ReadDiagnostics(json)};
  }
}

// The first change that a rule proposes, printed with what it answers.
std::optional<repair::Repair> Answer(const std::string& source, const Findings& findings) {
  for (const repair::Diagnostic& diagnostic : findings.diagnostics) {
    auto repair = repair::RepairFor(source, diagnostic);
    if (!repair) continue;
    std::printf("  %s:%d:%d: %s: %s\n  -> %s\n", diagnostic.file.c_str(), diagnostic.line,
                diagnostic.column, diagnostic.severity.c_str(), diagnostic.message.c_str(),
                repair->what.c_str());
    return repair;
  }
  return std::nullopt;
}

int Run() {
  std::string source = kDraft;
  for (int round = 1; round <= kMostRounds; ++round) {
    const std::optional<Findings> findings = Try(source);
    if (!findings) {
      std::printf("round %d: it compiles, and gives the right results\n\n%s", round,
                  source.c_str());
      return 0;
    }
    std::printf("round %d: %s\n", round, findings->summary.c_str());
    auto repair = Answer(source, *findings);
    if (!repair) break;
    source = std::move(repair->source);
  }
  std::printf("no rule helps any more; the source so far:\n\n%s", source.c_str());
  return 1;
}

}  // namespace

int main() {
  try {
    return Run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
