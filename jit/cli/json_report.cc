#include "jit/cli/json_report.h"

#include <cstdio>
#include <string>

#include <kiln/jit.h>

namespace kiln::cli {

using Json = nlohmann::ordered_json;

void PrintJson(const Json& report) {
  const std::string text =
      report.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void PrintJsonError(const Error& error) {
  const std::string diagnostics = kiln::jit::DiagnosticsOf(error);
  PrintJson({{"ok", false},
             {"error",
              {{"kind", error.kind()},
               {"message", error.message()},
               {"diagnostics", diagnostics.empty() ? Json::array() : ParseJson(diagnostics)}}}});
}

Json ParseJson(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    throw Error("InternalError", std::string("the engine gave no JSON: ") + error.what());
  }
}

}  // namespace kiln::cli
