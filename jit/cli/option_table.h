// The engine's compile options as a command line meets them: listed for --help, and given as
// NAME=VALUE.
#ifndef KILN_JIT_CLI_OPTION_TABLE_H_
#define KILN_JIT_CLI_OPTION_TABLE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kiln/any.h>

namespace kiln::cli {

struct Option {
  std::string name;
  std::string type;      // "int", "bool", "string", "list" or "map"
  std::string expected;  // the values that it takes, in words
  std::string default_value;
  std::string meaning;
};

// The options that `json`, the text of `kiln.jit.options`, describes. Throws InternalError if it is
// not such a text.
std::vector<Option> ParseOptionTable(std::string_view json);

// The options as two-line entries, indented by two blanks.
std::string OptionTableText(const std::vector<Option>& options);

// Name and value of "NAME=VALUE", the value in the type that the table gives. A value that is none
// of that type, and that of an unknown option, stays a string: the engine's message about it is the
// better one. An option that is a map takes "NAME=KEY=VALUE", one entry; an address is decimal or
// 0x and hexadecimal. Throws ValueError where there is no "NAME=".
std::pair<std::string, Any> ParseOption(const std::vector<Option>& options, std::string_view text);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_OPTION_TABLE_H_
