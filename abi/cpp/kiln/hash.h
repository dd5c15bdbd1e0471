// Hashing and equality of values, as maps and dicts use them.
//
// Text is compared by content, whether it is stored inline or on the heap; bytes likewise, and
// apart from text. A class of objects may bring its own rules, in the type attribute columns
// `__any_hash__` and `__any_equal__`. Everything else is compared by kind and payload: 1, 1.0 and
// true are three keys, 0.0 and -0.0 are two, a NaN equals a NaN of the same bits, and an object
// equals itself alone.
//
// All code that touches a map must agree on these functions, so they are part of the ABI.
#ifndef KILN_HASH_H_
#define KILN_HASH_H_

#include <cstdint>
#include <cstring>
#include <string_view>

#include "kiln/any.h"

namespace kiln {
namespace details {

inline uint64_t HashCombine(uint64_t seed, uint64_t value) noexcept {
  return seed ^ (value + 0x9e3779b9 + (seed << 6) + (seed >> 2));
}

// Eight bytes at a time, the last ones filled up with zeros.
inline uint64_t HashBytes(std::string_view bytes) noexcept {
  constexpr uint64_t kMultiplier = 1099511628211;
  constexpr uint64_t kModulus = 2147483647;
  uint64_t hash = 0;
  while (!bytes.empty()) {
    uint64_t word = 0;
    const size_t count = bytes.size() < sizeof(word) ? bytes.size() : sizeof(word);
    std::memcpy(&word, bytes.data(), count);
    hash = (hash * kMultiplier + word) % kModulus;
    bytes.remove_prefix(count);
  }
  return hash;
}

// The kind of a value, the same for both forms of text and for both forms of bytes.
inline int32_t KeyKind(int32_t type_index) noexcept {
  if (type_index == kTVMFFISmallStr) return kTVMFFIStr;
  if (type_index == kTVMFFISmallBytes) return kTVMFFIBytes;
  return type_index;
}

// The content of a value whose KeyKind is kTVMFFIStr or kTVMFFIBytes.
inline std::string_view KeyText(const TVMFFIAny& any) noexcept {
  if (any.type_index >= kTVMFFIStaticObjectBegin) {
    return ViewOf(*TVMFFIBytesGetByteArrayPtr(any.v_obj));
  }
  return {any.v_bytes, any.small_str_len};
}

// The two columns, once they are there.
[[gnu::visibility("hidden")]] inline const TVMFFITypeAttrColumn* any_hash_column = nullptr;
[[gnu::visibility("hidden")]] inline const TVMFFITypeAttrColumn* any_equal_column = nullptr;

// What the type has in that attribute column, or null. The column is remembered in `*column`.
inline const TVMFFIAny* TypeAttribute(const char* name, const TVMFFITypeAttrColumn** column,
                                      int32_t type_index) {
  const TVMFFITypeAttrColumn* found = __atomic_load_n(column, __ATOMIC_ACQUIRE);
  if (found == nullptr) {
    const TVMFFIByteArray text = ByteArrayOf(name);
    found = TVMFFIGetTypeAttrColumn(&text);
    if (found == nullptr) return nullptr;
    __atomic_store_n(column, found, __ATOMIC_RELEASE);
  }
  const int64_t row = int64_t{type_index} - found->begin_index;
  if (row < 0 || row >= found->size) return nullptr;
  return found->data[row].type_index == kTVMFFINone ? nullptr : &found->data[row];
}

// Calls a rule of a column, which is a Function or the address of a C function of `Args`, and
// returns its result's payload. Throws what the rule raises, TypeError if the result has another
// kind than `result_kind`.
template <typename... Args>
int64_t CallKeyRule(const TVMFFIAny& rule, int32_t result_kind, const Args&... args) {
  TVMFFIAny raw{};
  if (rule.type_index == kTVMFFIOpaquePtr) {
    raw = reinterpret_cast<TVMFFIAny (*)(const Args*...)>(rule.v_ptr)(&args...);
  } else {
    const TVMFFIAny packed[] = {args...};
    CheckCall(
        TVMFFIFunctionCall(rule.v_obj, const_cast<TVMFFIAny*>(packed), sizeof...(Args), &raw));
  }
  const Any result = Any::Adopt(raw);
  if (result.type_index() == kTVMFFIError) {
    throw Error(ObjectPtr<ErrorObj>::ShareHandle(result.raw().v_obj));
  }
  if (result.type_index() != result_kind) {
    throw Error("TypeError", Concat({"a type's rule for keys must return ", KindName(result_kind),
                                     ", got ", Describe(result.raw())}));
  }
  return result.raw().v_int64;
}

}  // namespace details

// The hash of an owned value. Throws what a class's own rule throws.
inline uint64_t AnyHash(const Any& key) {
  const TVMFFIAny& any = key.raw();
  const int32_t kind = details::KeyKind(any.type_index);
  const auto seed = static_cast<uint64_t>(kind);
  if (kind == kTVMFFIStr || kind == kTVMFFIBytes) {
    return details::HashCombine(seed, details::HashBytes(details::KeyText(any)));
  }
  if (kind >= kTVMFFIStaticObjectBegin) {
    if (const TVMFFIAny* rule =
            details::TypeAttribute("__any_hash__", &details::any_hash_column, kind)) {
      const int64_t hash = details::CallKeyRule(*rule, kTVMFFIInt, any);
      return details::HashCombine(seed, static_cast<uint64_t>(hash));
    }
  }
  return details::HashCombine(seed, any.v_uint64);
}

// Whether two owned values are the same key. Throws what a class's own rule throws.
inline bool AnyEqual(const Any& a, const Any& b) {
  const TVMFFIAny& left = a.raw();
  const TVMFFIAny& right = b.raw();
  if (std::memcmp(&left, &right, sizeof(TVMFFIAny)) == 0) return true;
  const int32_t kind = details::KeyKind(left.type_index);
  if (kind != details::KeyKind(right.type_index)) return false;
  if (kind == kTVMFFIStr || kind == kTVMFFIBytes) {
    return details::KeyText(left) == details::KeyText(right);
  }
  if (kind >= kTVMFFIStaticObjectBegin) {
    if (const TVMFFIAny* rule =
            details::TypeAttribute("__any_equal__", &details::any_equal_column, kind)) {
      return details::CallKeyRule(*rule, kTVMFFIBool, left, right) != 0;
    }
  }
  return false;
}

}  // namespace kiln

#endif  // KILN_HASH_H_
