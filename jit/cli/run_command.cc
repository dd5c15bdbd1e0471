#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <utility>

#include <kiln/kiln.h>

#include "jit/cli/commands.h"
#include "jit/cli/json_report.h"
#include "jit/cli/json_value.h"
#include "jit/cli/print.h"
#include "jit/cli/tensor_argument.h"

namespace kiln::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// What is known once the function was called.
struct Outcome {
  OpenedModule opened;
  std::vector<Any> arguments;  // as the call left them
  Any result;
  double callable_seconds = 0;      // from source to callable, without loading the engine
  std::vector<double> nanoseconds;  // of each call
};

std::vector<Any> ParseArguments(const std::vector<std::string>& texts) {
  std::vector<Any> values;
  values.reserve(texts.size());
  for (const std::string& text : texts) {
    values.push_back(ParseArgument(text, static_cast<int>(values.size())));
  }
  return values;
}

// Calls `function` as often as asked, and keeps the last result.
void CallTimed(const Function& function, int64_t repeat, Outcome* outcome) {
  const std::vector<AnyView> values(outcome->arguments.begin(), outcome->arguments.end());
  for (int64_t i = 0; i < repeat; ++i) {
    const Clock::time_point start = Clock::now();
    Any returned = function.CallPacked(values.data(), static_cast<int32_t>(values.size()));
    const Clock::time_point end = Clock::now();
    outcome->nanoseconds.push_back(std::chrono::duration<double, std::nano>(end - start).count());
    outcome->result = std::move(returned);
  }
}

double MedianOf(std::vector<double> samples) {
  const auto middle = samples.begin() + static_cast<ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return *middle;
}

double LeastOf(const std::vector<double>& samples) {
  return *std::min_element(samples.begin(), samples.end());
}

void PrintText(const RunArguments& arguments, const Outcome& outcome) {
  if (!outcome.result.is_none()) Print(LabelledText("result", outcome.result));
  for (size_t i = 0; i < outcome.arguments.size(); ++i) {
    if (outcome.arguments[i].type_index() != kTVMFFITensor) continue;
    Print(LabelledText("arg " + std::to_string(i), outcome.arguments[i]));
  }
  if (arguments.show_time) {
    std::string text = DurationText(outcome.callable_seconds * 1e9) + " from source to callable";
    if (outcome.opened.engine_seconds > 0) {
      text +=
          ", after " + DurationText(outcome.opened.engine_seconds * 1e9) + " to load the engine";
    }
    Print(text + "\n");
  }
  if (arguments.repeat > 1) {
    Print("median " + DurationText(MedianOf(outcome.nanoseconds)) + ", min " +
          DurationText(LeastOf(outcome.nanoseconds)) + " per call (" +
          std::to_string(arguments.repeat) + " calls)\n");
  }
}

void PrintAsJson(const Outcome& outcome) {
  Json arguments = Json::array();
  for (const Any& argument : outcome.arguments) arguments.push_back(JsonValue(argument));
  Json warnings = Json::array();
  if (outcome.opened.compiled) {
    warnings = ParseJson(outcome.opened.module->InspectSource("diagnostics").view());
  }
  PrintJson({{"ok", true},
             {"result", JsonValue(outcome.result)},
             {"arguments", std::move(arguments)},
             {"warnings", std::move(warnings)},
             {"times",
              {{"engine_ns", outcome.opened.engine_seconds * 1e9},
               {"callable_ns", outcome.callable_seconds * 1e9},
               {"calls", outcome.nanoseconds.size()},
               {"median_ns", MedianOf(outcome.nanoseconds)},
               {"min_ns", LeastOf(outcome.nanoseconds)}}}});
}

}  // namespace

void Run(const RunArguments& arguments) {
  Outcome outcome;
  outcome.arguments = ParseArguments(arguments.values);
  outcome.opened = OpenFor(arguments.source, arguments.as_json);
  const Clock::time_point lookup_start = Clock::now();
  const Function function = outcome.opened.module.GetFunction(arguments.function);
  const std::chrono::duration<double> lookup = Clock::now() - lookup_start;
  outcome.callable_seconds = outcome.opened.open_seconds + lookup.count();
  CallTimed(function, arguments.repeat, &outcome);
  if (arguments.as_json) return PrintAsJson(outcome);
  PrintText(arguments, outcome);
}

}  // namespace kiln::cli
