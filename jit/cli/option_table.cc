#include "jit/cli/option_table.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

#include <kiln/map.h>

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

// An address, as people write them.
std::optional<int64_t> ParseAddress(std::string_view text) {
  if (!text.starts_with("0x")) return ParseInt(text);
  uint64_t value = 0;
  text.remove_prefix(2);
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return static_cast<int64_t>(value);
}

// "KEY=VALUE" as a map of one entry. Without a "=" it stays text.
Any MapEntry(std::string_view text, bool of_addresses) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return Any(String(text));
  Any value = Any(String(text.substr(equals + 1)));
  if (of_addresses) {
    if (const std::optional<int64_t> address = ParseAddress(text.substr(equals + 1))) {
      value = *address;
    }
  }
  return Map<String, Any>{{String(text.substr(0, equals)), value}};
}

Any TypedValue(const Option& option, std::string_view text) {
  const std::string& type = option.type;
  if (type == "map") return MapEntry(text, option.expected.ends_with("addresses"));
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
    if (option.type == "map") text += "; one --option " + option.name + "=KEY=VALUE for each";
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
  const auto option = std::find_if(options.begin(), options.end(),
                                   [&](const Option& known) { return known.name == name; });
  const std::string_view value = text.substr(equals + 1);
  return {name, option == options.end() ? Any(String(value)) : TypedValue(*option, value)};
}

}  // namespace kiln::cli
