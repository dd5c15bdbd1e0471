#include "jit/cli/doctor_text.h"

#include <nlohmann/json.hpp>

#include <kiln/error.h>

namespace kiln::cli {
namespace {

using Json = nlohmann::json;

constexpr size_t kColumn = 10;

std::string Line(std::string_view label, std::string_view text) {
  std::string line(label);
  line.resize(kColumn, ' ');
  return line.append(text) + "\n";
}

// The text of a field; empty where it is missing or no string.
std::string Field(const Json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string();
}

// A library that is looked for at run time: found, or the places that were searched.
std::string SearchText(std::string_view label, const Json& search) {
  if (search.value("found", false)) {
    const std::string version = Field(search, "version");
    return Line(label, (version.empty() ? "" : version + "  ") + Field(search, "path"));
  }
  std::string text = Line(label, "not found; looked at");
  for (const Json& place : search.value("looked_at", Json::array())) {
    text += Line("", "  " + place.get<std::string>());
  }
  return text;
}

std::string GpuText(const Json& gpus) {
  if (gpus.empty()) return Line("gpus", "none");
  std::string text;
  for (const Json& gpu : gpus) {
    text += Line(text.empty() ? "gpus" : "",
                 Field(gpu, "name") + ", compute capability " + Field(gpu, "compute_capability"));
  }
  return text;
}

std::string ReportText(const Json& report) {
  std::string text;
  for (const char* name : {"kiln", "abi", "llvm", "clang", "triple", "cpu", "runtime", "engine"}) {
    if (report.contains(name)) text += Line(name, Field(report, name));
  }
  for (const char* name : {"nvrtc", "driver"}) {
    if (report.contains(name)) text += SearchText(name, report.at(name));
  }
  if (report.contains("gpus")) text += GpuText(report.at("gpus"));
  if (report.contains("cache")) {
    const Json& cache = report.at("cache");
    const std::string detail = Field(cache, "text");
    text += Line("cache", Field(cache, "kind") + (detail.empty() ? "" : ": " + detail));
  }
  return text;
}

}  // namespace

std::string DoctorText(std::string_view report) {
  try {
    const Json json = Json::parse(report);
    if (!json.is_object()) throw Error("InternalError", "the engine's report is no JSON object");
    return ReportText(json);
  } catch (const Json::exception& error) {
    throw Error("InternalError", std::string("the engine's report can't be read: ") + error.what());
  }
}

}  // namespace kiln::cli
