#include <cstdio>
#include <string_view>

#include <kiln/kiln.h>
#include <kiln/try_run.h>

#include "jit/cli/commands.h"
#include "jit/cli/json_report.h"
#include "jit/cli/json_value.h"
#include "jit/cli/print.h"
#include "jit/cli/tensor_argument.h"

namespace kiln::cli {
namespace {

using Json = nlohmann::ordered_json;

void Write(std::string_view text, FILE* stream) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

Json OrNull(const std::optional<int64_t>& number) { return number ? Json(*number) : Json(); }

Json ErrorOf(const kiln::jit::TryRunResult& tried) {
  if (!tried.error) return {};
  const std::string diagnostics = kiln::jit::DiagnosticsOf(*tried.error);
  return {{"kind", tried.error->kind()},
          {"message", tried.error->message()},
          {"diagnostics", diagnostics.empty() ? Json::array() : ParseJson(diagnostics)}};
}

void PrintAsJson(const kiln::jit::TryRunResult& tried, const std::vector<Any>& values) {
  Json arguments = Json::array();
  for (const Any& value : values) arguments.push_back(JsonValue(value));
  PrintJson({{"ok", tried.ok()},
             {"status", tried.status},
             {"phase", tried.phase},
             {"result", JsonValue(tried.result)},
             {"arguments", std::move(arguments)},
             {"error", ErrorOf(tried)},
             {"signal", tried.signal},
             {"signal_name", tried.signal_name},
             {"exit_code", OrNull(tried.exit_code)},
             {"address", OrNull(tried.address)},
             {"function", tried.function},
             {"file", tried.file},
             {"line", tried.line},
             {"syscall", tried.syscall},
             {"stdout", tried.standard_output},
             {"stderr", tried.standard_error},
             {"output_complete", tried.output_complete}});
}

void PrintText(const kiln::jit::TryRunResult& tried, const std::vector<Any>& values) {
  Write(tried.standard_output, stdout);
  Write(tried.standard_error, stderr);
  if (tried.error) throw *tried.error;
  if (!tried.result.is_none()) Write(LabelledText("result", tried.result), stdout);
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].type_index() != kTVMFFITensor) continue;
    Write(LabelledText("arg " + std::to_string(i), values[i]), stdout);
  }
}

}  // namespace

int Try(const RunArguments& arguments) {
  if (arguments.repeat != 1 || arguments.show_time) {
    throw Error("ValueError", "--try calls the function once: leave --repeat and --time out");
  }
  if (IsModuleFile(arguments.source.files[0])) {
    throw Error("ValueError", "--try takes sources, and '" + arguments.source.files[0] +
                                  "' is compiled: give what it was made of");
  }
  std::vector<Any> values;
  for (const std::string& text : arguments.values) {
    values.push_back(ParseArgument(text, static_cast<int>(values.size())));
  }
  const std::vector<AnyView> views(values.begin(), values.end());
  const SourceTexts read = ReadSources(arguments.source.files, OptionsOf(arguments.source));
  const kiln::jit::TryRunResult tried =
      read.sources.size() == 1
          ? kiln::jit::TryRun(read.sources[0].text, arguments.function, views, read.options)
          : kiln::jit::TryRun(read.sources, arguments.function, views, read.options);
  if (arguments.as_json) {
    PrintAsJson(tried, values);
  } else {
    PrintText(tried, values);
  }
  return tried.ok() ? 0 : 1;
}

}  // namespace kiln::cli
