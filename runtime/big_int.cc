// Integers of any size: two's complement in 64-bit words, the lowest first, no word more than
// needed. What fits one word is a plain integer.

#include "runtime/big_int.h"

#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <kiln/any.h>
#include <kiln/hash.h>
#include <kiln/make_object.h>

namespace kiln::runtime {
namespace {

static_assert(std::endian::native == std::endian::little);

class BigIntObj : public Object {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIBigInt;

  explicit BigIntObj(const TVMFFIByteArray& words) noexcept : count_(words.size / sizeof(int64_t)) {
    std::memcpy(reinterpret_cast<char*>(this + 1), words.data, words.size);
  }

  TVMFFIByteArray words() const noexcept {
    return {reinterpret_cast<const char*>(this + 1), count_ * sizeof(int64_t)};
  }

 private:
  const size_t count_;
};

int64_t WordAt(const TVMFFIByteArray& words, size_t index) noexcept {
  int64_t word = 0;
  std::memcpy(&word, words.data + index * sizeof(word), sizeof(word));
  return word;
}

// Without the highest words that only repeat the sign of the one below.
TVMFFIByteArray Normalized(TVMFFIByteArray words) noexcept {
  size_t count = words.size / sizeof(int64_t);
  while (count > 1 && WordAt(words, count - 1) == (WordAt(words, count - 2) < 0 ? -1 : 0)) --count;
  return {words.data, count * sizeof(int64_t)};
}

TVMFFIAny MakeInteger(const TVMFFIByteArray& input) {
  if (input.size % sizeof(int64_t) != 0) {
    throw Error("ValueError",
                "an integer is made of 8-byte words, got " + std::to_string(input.size) + " bytes");
  }
  if (input.data == nullptr && input.size != 0) {
    throw Error("ValueError", "a byte array of non-zero size has a null data pointer");
  }
  const TVMFFIByteArray words = Normalized(input);
  TVMFFIAny any{};
  if (words.size <= sizeof(int64_t)) {
    any.type_index = kTVMFFIInt;
    any.v_int64 = words.size == 0 ? 0 : WordAt(words, 0);
    return any;
  }
  any.v_obj = MakeObjectWithTail<BigIntObj>(words.size, words).release_handle();
  any.type_index = kTVMFFIBigInt;
  return any;
}

TVMFFIByteArray WordsOf(const TVMFFIAny* value) {
  if (value == nullptr) throw Error("ValueError", "an integer must be given, got null");
  if (value->type_index == kTVMFFIInt) {
    return {reinterpret_cast<const char*>(&value->v_int64), sizeof(value->v_int64)};
  }
  if (value->type_index == kTVMFFIBigInt && value->v_obj != nullptr) {
    const auto* object = static_cast<const Object*>(static_cast<const void*>(value->v_obj));
    return static_cast<const BigIntObj*>(object)->words();
  }
  throw Error("TypeError", "expected an integer, got " + Describe(*value));
}

std::string_view BytesOf(const TVMFFIAny& big_int) noexcept {
  const auto* object = static_cast<const Object*>(static_cast<const void*>(big_int.v_obj));
  return details::ViewOf(static_cast<const BigIntObj*>(object)->words());
}

TVMFFIAny HashKey(const TVMFFIAny* key) {
  return Any(static_cast<int64_t>(details::HashBytes(BytesOf(*key)))).release();
}

TVMFFIAny EqualKeys(const TVMFFIAny* left, const TVMFFIAny* right) {
  return Any(BytesOf(*left) == BytesOf(*right)).release();
}

// A rule is the address of a C function.
void RegisterRule(const char* name, void* rule) {
  const TVMFFIByteArray text = details::ByteArrayOf(name);
  const Any value(rule);
  CheckCall(TVMFFITypeRegisterAttr(BigIntObj::kTypeIndex, &text, &value.raw()));
}

}  // namespace

void RegisterBigIntKeys() {
  RegisterRule("__any_hash__", reinterpret_cast<void*>(&HashKey));
  RegisterRule("__any_equal__", reinterpret_cast<void*>(&EqualKeys));
}

}  // namespace kiln::runtime

extern "C" {

int TVMFFIBigIntFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out) {
  return kiln::SafeCall([&] {
    if (out == nullptr) throw kiln::Error("ValueError", "the result's place must not be null");
    *out = TVMFFIAny{};
    if (input == nullptr) throw kiln::Error("ValueError", "the integer's words must not be null");
    *out = kiln::runtime::MakeInteger(*input);
  });
}

TVMFFIByteArray TVMFFIBigIntGetContentByteArray(const TVMFFIAny* value) {
  TVMFFIByteArray words{nullptr, 0};
  kiln::SafeCall([&] { words = kiln::runtime::WordsOf(value); });
  return words;
}

}  // extern "C"
