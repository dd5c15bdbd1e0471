#include "jit/cli/option_table.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

namespace kiln::cli {
namespace {

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "true" || text == "on" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "off" || text == "no" || text == "0") return false;
  return std::nullopt;
}

std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

Any TypedValue(std::string_view type, std::string_view text) {
  if (type == "bool") {
    if (const std::optional<bool> value = ParseBool(text)) return *value;
  } else if (type == "int") {
    if (const std::optional<int64_t> value = ParseInt(text)) return *value;
  }
  return Any(String(text));
}

}  // namespace

std::vector<Option> ParseOptionTable(std::string_view json) {
  try {
    std::vector<Option> options;
    for (const nlohmann::json& entry : nlohmann::json::parse(json)) {
      options.push_back({entry.at("name"), entry.at("type"), entry.at("expected"),
                         entry.at("default"), entry.at("meaning")});
    }
    return options;
  } catch (const nlohmann::json::exception& error) {
    throw Error("InternalError",
                std::string("the engine's option table can't be read: ") + error.what());
  }
}

std::string OptionTableText(const std::vector<Option>& options) {
  size_t width = 0;
  for (const Option& option : options) width = std::max(width, option.name.size());
  std::string text;
  for (const Option& option : options) {
    text += "  " + option.name + std::string(width - option.name.size() + 2, ' ');
    text += option.meaning + "\n" + std::string(width + 4, ' ') + option.expected;
    if (!option.default_value.empty()) text += "; default " + option.default_value;
    if (option.type == "list") text += "; one --option for each";
    text += "\n";
  }
  return text;
}

std::pair<std::string, Any> ParseOption(const std::vector<Option>& options, std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw Error("ValueError", "--option takes NAME=VALUE, got '" + std::string(text) + "'");
  }
  const std::string name(text.substr(0, equals));
  std::string_view type = "string";
  for (const Option& option : options) {
    if (option.name == name) type = option.type;
  }
  return {name, TypedValue(type, text.substr(equals + 1))};
}

}  // namespace kiln::cli
