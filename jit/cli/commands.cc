#include "jit/cli/commands.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <kiln/kiln.h>

#include "jit/cli/doctor_text.h"
#include "jit/cli/module_file.h"
#include "jit/cli/option_table.h"
#include "jit/cli/print.h"
#include "jit/cli/tensor_argument.h"

namespace kiln::cli {
namespace {

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string CallEngine(const char* name) {
  kiln::jit::Version();
  return GlobalFunction::Get(name)().cast<std::string>();
}

OpenedModule Open(SourceArguments source) {
  if (source.sets_options && IsModuleFile(source.file)) {
    throw Error("ValueError", "'" + source.file +
                                  "' is compiled already: -O, --cpu, --language and "
                                  "--option are for sources, leave them out");
  }
  if (!source.more.empty()) {
    const std::vector<Option> table = ParseOptionTable(CallEngine("kiln.jit.options"));
    for (const std::string& text : source.more) {
      source.options.more.push_back(ParseOption(table, text));
    }
  }
  OpenedModule opened = OpenModule(source.file, source.options);
  if (!opened.warnings.empty()) {
    const char* end = opened.warnings.ends_with('\n') ? "" : "\n";
    std::fprintf(stderr, "%s%s", opened.warnings.c_str(), end);
  }
  return opened;
}

// Calls `function` as often as asked, stores the nanoseconds of each call, and returns the last
// result.
Any CallTimed(const Function& function, const std::vector<AnyView>& values, int64_t repeat,
              std::vector<double>* nanoseconds) {
  using Clock = std::chrono::steady_clock;
  Any result;
  for (int64_t i = 0; i < repeat; ++i) {
    const Clock::time_point start = Clock::now();
    Any returned = function.CallPacked(values.data(), static_cast<int32_t>(values.size()));
    const Clock::time_point end = Clock::now();
    nanoseconds->push_back(std::chrono::duration<double, std::nano>(end - start).count());
    result = std::move(returned);
  }
  return result;
}

double MedianOf(std::vector<double> samples) {
  const auto middle = samples.begin() + static_cast<ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return *middle;
}

std::string ListOf(const Array<String>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "." : ", .") + names[i].str();
  return text;
}

bool Contains(const Array<String>& names, std::string_view name) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return true;
  }
  return false;
}

// "a, b" for the lines "a" and "b".
std::string LinesAsList(std::string_view lines) {
  std::string text;
  for (const char c : lines) text += c == '\n' ? std::string(", ") : std::string(1, c);
  while (text.ends_with(", ")) text.resize(text.size() - 2);
  return text;
}

}  // namespace

void Run(const RunArguments& arguments) {
  std::vector<Any> values;
  values.reserve(arguments.values.size());
  for (const std::string& text : arguments.values) {
    values.push_back(ParseArgument(text, static_cast<int>(values.size())));
  }
  const OpenedModule opened = Open(arguments.source);
  const auto lookup_start = std::chrono::steady_clock::now();
  const Function function = opened.module.GetFunction(arguments.function);
  const std::chrono::duration<double> lookup = std::chrono::steady_clock::now() - lookup_start;

  const std::vector<AnyView> views(values.begin(), values.end());
  std::vector<double> nanoseconds;
  const Any result = CallTimed(function, views, arguments.repeat, &nanoseconds);

  if (!result.is_none()) Print(LabelledText("result", result));
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].type_index() != kTVMFFITensor) continue;
    Print(LabelledText("arg " + std::to_string(i), values[i]));
  }
  if (arguments.show_time) {
    std::string text =
        DurationText((opened.open_seconds + lookup.count()) * 1e9) + " from source to callable";
    if (opened.engine_seconds > 0) {
      text += ", after " + DurationText(opened.engine_seconds * 1e9) + " to load the engine";
    }
    Print(text + "\n");
  }
  if (arguments.repeat > 1) {
    Print("median " + DurationText(MedianOf(nanoseconds)) + ", min " +
          DurationText(*std::min_element(nanoseconds.begin(), nanoseconds.end())) + " per call (" +
          std::to_string(arguments.repeat) + " calls)\n");
  }
}

void Compile(const CompileArguments& arguments) {
  const std::string suffix = std::filesystem::path(arguments.output).extension();
  const std::string format = suffix.empty() ? "" : suffix.substr(1);
  const OpenedModule opened = Open(arguments.source);
  const Array<String> formats = opened.module->GetWriteFormats();
  if (formats.empty()) {
    throw Error("ValueError", "'" + arguments.source.file + "' is a module of kind '" +
                                  opened.module->kind() + "', which can't be written to a file");
  }
  if (!Contains(formats, format)) {
    throw Error("ValueError", "the suffix of -o says what to write: it must be one of " +
                                  ListOf(formats) + ", got '" + arguments.output + "'");
  }
  opened.module->WriteToFile(arguments.output, format);

  std::string text = "wrote    " + arguments.output;
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(arguments.output, error);
  if (!error) text += ", " + std::to_string(size) + " bytes";
  text += "\nsource   " + arguments.source.file;
  text += "\nexports  " + LinesAsList(opened.module->InspectSource("exports").view()) + "\n";
  Print(text);
}

void Doctor(bool as_json) {
  const std::string report = CallEngine("kiln.jit.doctor");
  if (!as_json) return Print(DoctorText(report));
  Print(report + (report.ends_with('\n') ? "" : "\n"));
}

std::string CompileOptionsText() {
  return OptionTableText(ParseOptionTable(CallEngine("kiln.jit.options")));
}

}  // namespace kiln::cli
