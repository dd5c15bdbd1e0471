#ifndef KILN_JIT_ARTIFACT_NEAREST_NAME_H_
#define KILN_JIT_ARTIFACT_NEAREST_NAME_H_

#include <span>
#include <string>
#include <string_view>

namespace kiln::jit {

// The name of `known` that `name` is most likely a misspelling of, or an empty view. A name counts
// where no more than a third of its letters, and at most three, differ. The view is one of `known`.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> known);

// "; did you mean 'opt_level'?" for the nearest name, or an empty string: the tail of a message.
std::string DidYouMean(std::string_view name, std::span<const std::string_view> known);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_NEAREST_NAME_H_
