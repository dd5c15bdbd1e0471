#include "runtime/string.h"

#include <cstring>

#include <kiln/error.h>
#include <kiln/make_object.h>

#include "runtime/argument.h"

namespace kiln::runtime {
namespace {

// The longest text that an Any holds itself, a terminating zero beside it.
constexpr size_t kInlineCapacity = sizeof(TVMFFIAny::v_bytes) - 1;

template <TVMFFITypeIndex index>
class TextObj : public Object, public TVMFFIByteArray {
 public:
  static constexpr int32_t kTypeIndex = index;

  explicit TextObj(std::string_view text) noexcept
      : TVMFFIByteArray{reinterpret_cast<char*>(this + 1), text.size()} {
    char* tail = reinterpret_cast<char*>(this + 1);
    if (!text.empty()) std::memcpy(tail, text.data(), text.size());
    tail[text.size()] = '\0';
  }
};

template <TVMFFITypeIndex index>
TVMFFIObject* MakeTextObject(std::string_view text) {
  return MakeObjectWithTail<TextObj<index>>(text.size() + 1, text).release_handle();
}

template <TVMFFITypeIndex small_index, TVMFFITypeIndex object_index>
TVMFFIAny MakeText(std::string_view text) {
  TVMFFIAny any{};
  if (text.size() <= kInlineCapacity) {
    any.type_index = small_index;
    any.small_str_len = static_cast<uint32_t>(text.size());
    if (!text.empty()) std::memcpy(any.v_bytes, text.data(), text.size());
    return any;
  }
  any.v_obj = MakeTextObject<object_index>(text);
  any.type_index = object_index;
  return any;
}

}  // namespace

TVMFFIObject* MakeStringObject(std::string_view text) { return MakeTextObject<kTVMFFIStr>(text); }
TVMFFIObject* MakeBytesObject(std::string_view bytes) {
  return MakeTextObject<kTVMFFIBytes>(bytes);
}
TVMFFIAny MakeString(std::string_view text) { return MakeText<kTVMFFISmallStr, kTVMFFIStr>(text); }
TVMFFIAny MakeBytes(std::string_view bytes) {
  return MakeText<kTVMFFISmallBytes, kTVMFFIBytes>(bytes);
}

}  // namespace kiln::runtime

extern "C" {

int TVMFFIStringFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out) {
  return kiln::SafeCall([&] {
    *out = TVMFFIAny{};
    *out = kiln::runtime::MakeString(kiln::runtime::RequiredText(input, "a string's content"));
  });
}

int TVMFFIBytesFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out) {
  return kiln::SafeCall([&] {
    *out = TVMFFIAny{};
    *out = kiln::runtime::MakeBytes(kiln::runtime::RequiredText(input, "the content of bytes"));
  });
}

}  // extern "C"
