// What libFuzzer calls. KILN_FUZZ_KIND is the kind of input that this program tries.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "tests/fuzz/jit/mutate_object.h"
#include "tests/fuzz/jit/mutate_text.h"
#include "tests/fuzz/jit/trial.h"

extern "C" {
int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);
size_t LLVMFuzzerMutate(uint8_t* bytes, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t* bytes, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t* one, size_t one_size, const uint8_t* other,
                                 size_t other_size, uint8_t* out, size_t max_size, unsigned seed);
}

namespace kiln::fuzz {
namespace {

const InputKind kKind = *InputKindOf(KILN_FUZZ_KIND);

bool IsText() { return kKind != InputKind::kBitcode && kKind != InputKind::kObject; }

std::string_view ViewOf(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

size_t Put(const std::string& text, uint8_t* bytes) {
  std::copy(text.begin(), text.end(), bytes);
  return text.size();
}

}  // namespace
}  // namespace kiln::fuzz

// Of the inputs that are errors few are kept to build upon: they soon outnumber all others.
int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace kiln::fuzz;
  const std::string_view input = ViewOf(bytes, size);
  const Outcome outcome = TryInput(kKind, input).outcome;
  const bool is_kept = outcome != Outcome::kError || std::hash<std::string_view>()(input) % 16 == 0;
  return is_kept ? 0 : -1;
}

// Most changes know what the bytes are; the others are libFuzzer's own, with its dictionary.
size_t LLVMFuzzerCustomMutator(uint8_t* bytes, size_t size, size_t max_size, unsigned seed) {
  using namespace kiln::fuzz;
  if (size == 0 || seed % 5 == 0) return LLVMFuzzerMutate(bytes, size, max_size);
  if (IsText()) return Put(MutatedText(ViewOf(bytes, size), max_size, seed), bytes);
  if (kKind == InputKind::kObject && MutateObject(bytes, size, seed)) return size;
  return LLVMFuzzerMutate(bytes, size, max_size);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t* one, size_t one_size, const uint8_t* other,
                                 size_t other_size, uint8_t* out, size_t max_size, unsigned seed) {
  using namespace kiln::fuzz;
  if (!IsText()) return 0;
  return Put(CrossedText(ViewOf(one, one_size), ViewOf(other, other_size), max_size, seed), out);
}
