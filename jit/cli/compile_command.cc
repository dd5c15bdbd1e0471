#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include <kiln/kiln.h>

#include "jit/cli/commands.h"
#include "jit/cli/json_report.h"

namespace kiln::cli {
namespace {

using Json = nlohmann::ordered_json;

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

template <typename Names>
std::string Joined(const Names& names, std::string_view before) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + std::string(before) + std::string(name);
  }
  return text;
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// The format that the suffix of the output asks for. Throws ValueError where there is none such.
std::string WriteFormat(const CompileArguments& arguments, const Module& module) {
  const Array<String> formats = module->GetWriteFormats();
  if (formats.empty()) {
    throw Error("ValueError", "'" + arguments.source.files[0] + "' is a module of kind '" +
                                  module->kind() + "', which can't be written to a file");
  }
  const std::string suffix = std::filesystem::path(arguments.output).extension();
  if (suffix.empty() ||
      std::find(formats.begin(), formats.end(), suffix.substr(1)) == formats.end()) {
    throw Error("ValueError", "the suffix of -o says what to write: it must be one of " +
                                  Joined(formats, ".") + ", got '" + arguments.output + "'");
  }
  return suffix.substr(1);
}

std::string StageOf(const CompileArguments& arguments, const Module& module) {
  const String stage = module->InspectSource(arguments.stage);
  if (stage.empty()) {
    throw Error("ValueError", "'" + arguments.source.files[0] + "' is a module of kind '" +
                                  module->kind() + "', which has no stage '" + arguments.stage +
                                  "'");
  }
  return stage.str();
}

void WriteFile(const std::string& path, std::string_view bytes) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw Error("RuntimeError", "can't write '" + path + "': " + std::strerror(errno));
}

// The size of the file that was written, or 0 where it has none, as a pipe.
uintmax_t SizeOf(const std::string& path) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

void PrintReport(const CompileArguments& arguments, const OpenedModule& opened,
                 const std::string& stage) {
  const std::vector<std::string> exports = LinesOf(opened.module->InspectSource("exports").view());
  if (arguments.as_json) {
    Json report = {{"ok", true}, {"sources", arguments.source.files}, {"exports", exports}};
    report["warnings"] = opened.compiled
                             ? ParseJson(opened.module->InspectSource("diagnostics").view())
                             : Json::array();
    if (arguments.output.empty()) {
      report["text"] = stage;
    } else {
      report["output"] = arguments.output;
      report["bytes"] = SizeOf(arguments.output);
    }
    return PrintJson(report);
  }
  if (arguments.output.empty()) return Print(stage);
  std::string text = "wrote    " + arguments.output;
  if (const uintmax_t size = SizeOf(arguments.output))
    text += ", " + std::to_string(size) + " bytes";
  text += "\nsource   " + Joined(arguments.source.files, "");
  text += "\nexports  " + Joined(exports, "") + "\n";
  Print(text);
}

}  // namespace

void Compile(const CompileArguments& arguments) {
  if (arguments.as_json && arguments.stage == "obj" && arguments.output.empty()) {
    throw Error("ValueError", "--emit obj gives bytes, which JSON can't hold: add -o FILE");
  }
  const OpenedModule opened = OpenFor(arguments.source, arguments.as_json);
  std::string stage;
  if (arguments.stage.empty()) {
    opened.module->WriteToFile(arguments.output, WriteFormat(arguments, opened.module));
  } else {
    stage = StageOf(arguments, opened.module);
    if (!arguments.output.empty()) WriteFile(arguments.output, stage);
  }
  PrintReport(arguments, opened, stage);
}

}  // namespace kiln::cli
