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

OpenedModule OpenFor(SourceArguments source, bool as_json) {
  if (source.sets_options && source.files.size() == 1 && IsModuleFile(source.files[0])) {
    throw Error("ValueError", "'" + source.files[0] +
                                  "' is compiled already: -O, --cpu, --language and "
                                  "--option are for sources, leave them out");
  }
  if (!source.more.empty()) {
    const std::vector<Option> table = ParseOptionTable(CallEngine("kiln.jit.options"));
    for (const std::string& text : source.more) {
      source.options.more.push_back(ParseOption(table, text));
    }
  }
  OpenedModule opened = OpenModule(source.files, source.options);
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
