#include "jit/cli/commands.h"

#include <cstdio>
#include <string_view>

#include <kiln/kiln.h>

#include "jit/cli/doctor_text.h"
#include "jit/cli/option_table.h"

namespace kiln::cli {
namespace {

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string CallEngine(const char* name) {
  kiln::jit::Version();
  return GlobalFunction::Get(name)().cast<std::string>();
}

}  // namespace

kiln::jit::CompileOptions OptionsOf(const SourceArguments& source) {
  kiln::jit::CompileOptions options = source.options;
  if (source.more.empty()) return options;
  const std::vector<Option> table = ParseOptionTable(CallEngine("kiln.jit.options"));
  for (const std::string& text : source.more) options.more.push_back(ParseOption(table, text));
  return options;
}

OpenedModule OpenFor(SourceArguments source, bool as_json) {
  if (source.sets_options && source.files.size() == 1 && IsModuleFile(source.files[0])) {
    throw Error("ValueError", "'" + source.files[0] +
                                  "' is compiled already: -O, --cpu, --language and "
                                  "--option are for sources, leave them out");
  }
  OpenedModule opened = OpenModule(source.files, OptionsOf(source));
  if (opened.compiled && !as_json) {
    const String warnings = opened.module->InspectSource("warnings");
    std::fwrite(warnings.data(), 1, warnings.size(), stderr);
  }
  return opened;
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
