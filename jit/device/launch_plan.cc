#include "jit/device/launch_plan.h"

#include <charconv>

namespace kiln::jit {
namespace {

// The number that `text` begins with; `text` is what follows it then.
template <typename Number>
bool TakeNumber(std::string_view* text, Number* number) {
  const char* const begin = text->data();
  const auto [rest, failure] = std::from_chars(begin, begin + text->size(), *number);
  if (failure != std::errc()) return false;
  text->remove_prefix(static_cast<size_t>(rest - begin));
  return true;
}

bool ParseDim(std::string_view text, std::optional<Dim3>* dim) {
  Dim3 read;
  for (unsigned* const extent : {&read.x, &read.y, &read.z}) {
    if (!TakeNumber(&text, extent)) return false;
    *dim = read;
    if (text.empty()) return true;
    if (!text.starts_with(',')) return false;
    text.remove_prefix(1);
  }
  return false;
}

bool ParseWord(std::string_view word, LaunchPlan* plan) {
  const size_t equals = word.find('=');
  const std::string_view key = word.substr(0, equals);
  if (equals == std::string_view::npos) {
    plan->one_thread_per_element = key == "1d";
    return plan->one_thread_per_element;
  }
  std::string_view value = word.substr(equals + 1);
  if (key == "grid") return ParseDim(value, &plan->grid);
  if (key == "block") return ParseDim(value, &plan->block);
  if (key == "cluster") return ParseDim(value, &plan->cluster);
  if (key == "smem") {
    size_t bytes = 0;
    const bool is_number = TakeNumber(&value, &bytes);
    plan->shared_bytes = bytes;
    return is_number && value.empty();
  }
  plan->cooperative = value == "1";
  return key == "cooperative" && (value == "1" || value == "0");
}

}  // namespace

std::optional<LaunchPlan> ParseLaunchPlan(std::string_view text) {
  LaunchPlan plan;
  while (!text.empty()) {
    const size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    if (!word.empty() && !ParseWord(word, &plan)) return std::nullopt;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return plan;
}

}  // namespace kiln::jit
