// What --json prints: one JSON object on standard output, whatever happens. README.md has its
// shape.
#ifndef KILN_JIT_CLI_JSON_REPORT_H_
#define KILN_JIT_CLI_JSON_REPORT_H_

#include <string_view>

#include <nlohmann/json.hpp>

#include <kiln/module.h>

namespace kiln::cli {

// Prints `report` and a newline. Bytes that are not UTF-8 become U+FFFD.
void PrintJson(const nlohmann::ordered_json& report);

// Prints {"ok": false, "error": {"kind", "message", "diagnostics"}}.
void PrintJsonError(const Error& error);

// The JSON that is `text`. Throws InternalError where it is none.
nlohmann::ordered_json ParseJson(std::string_view text);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_JSON_REPORT_H_
