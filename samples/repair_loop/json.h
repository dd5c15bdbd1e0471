// Enough of JSON to read what Kiln tells.
#ifndef KILN_SAMPLES_REPAIR_LOOP_JSON_H_
#define KILN_SAMPLES_REPAIR_LOOP_JSON_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace repair {

// One value: a string, a number, an array or an object. true, false and null are numbers here.
struct Json {
  std::string text = {};                                  // of a string
  double number = 0;                                      // of a number
  std::vector<Json> items = {};                           // of an array
  std::vector<std::pair<std::string, Json>> fields = {};  // of an object

  // A field of an object. Throws a kiln::Error of kind KeyError where there is none.
  const Json& at(std::string_view name) const;
};

// Throws a kiln::Error of kind ValueError where `text` is no JSON.
Json ParseJson(std::string_view text);

}  // namespace repair

#endif  // KILN_SAMPLES_REPAIR_LOOP_JSON_H_
