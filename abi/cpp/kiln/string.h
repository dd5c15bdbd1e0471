// Strings and bytes of the ABI: immutable, shared, and without an allocation up to seven bytes.
#ifndef KILN_STRING_H_
#define KILN_STRING_H_

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "kiln/error.h"

namespace kiln {
namespace details {

// Tag: the value is absent. Only Optional makes a string or reference from it.
struct Absent {};

// A value of the ABI's string family: the 16 bytes of an Any that holds either the text itself
// (`small_kind`, at most seven bytes and a terminating zero) or a counted object (`object_kind`).
template <TVMFFITypeIndex small_kind, TVMFFITypeIndex object_kind>
class InlineBytes {
 public:
  static constexpr size_t kInlineCapacity = sizeof(TVMFFIAny::v_bytes) - 1;

  InlineBytes() noexcept : any_{} { any_.type_index = small_kind; }
  explicit InlineBytes(Absent) noexcept : any_{} {}
  explicit InlineBytes(std::string_view text) : InlineBytes() {
    if (text.size() <= kInlineCapacity) {
      any_.small_str_len = static_cast<uint32_t>(text.size());
      if (!text.empty()) std::memcpy(any_.v_bytes, text.data(), text.size());
      return;
    }
    const TVMFFIByteArray bytes = ByteArrayOf(text);
    CheckCall(object_kind == kTVMFFIStr ? TVMFFIStringFromByteArray(&bytes, &any_)
                                        : TVMFFIBytesFromByteArray(&bytes, &any_));
  }
  InlineBytes(const InlineBytes& other) noexcept : any_(other.any_) {
    if (on_heap()) RetainStrong(any_.v_obj);
  }
  InlineBytes(InlineBytes&& other) noexcept : any_(other.any_) { other.Reset(); }
  ~InlineBytes() {
    if (on_heap()) ReleaseStrong(any_.v_obj);
  }
  InlineBytes& operator=(InlineBytes other) noexcept {
    std::swap(any_, other.any_);
    return *this;
  }

  // Takes over the value (and, for an object, the strong count) of `any`, whose kind must be one
  // of the two of this family.
  static InlineBytes Adopt(const TVMFFIAny& any) noexcept {
    InlineBytes bytes;
    bytes.any_ = any;
    return bytes;
  }

  // Zero-terminated; valid while this value lives and is not moved from.
  const char* data() const noexcept { return view().data(); }
  size_t size() const noexcept { return view().size(); }
  bool empty() const noexcept { return size() == 0; }
  std::string_view view() const noexcept {
    if (on_heap()) return ViewOf(*TVMFFIBytesGetByteArrayPtr(any_.v_obj));
    return {any_.v_bytes, any_.small_str_len};
  }
  bool absent() const noexcept { return any_.type_index == kTVMFFINone; }

  const TVMFFIAny& raw() const noexcept { return any_; }
  // The value with its strong count; this one is absent afterwards.
  TVMFFIAny release() noexcept {
    TVMFFIAny any = any_;
    any_ = TVMFFIAny{};
    return any;
  }

 protected:
  bool on_heap() const noexcept { return any_.type_index == object_kind; }

 private:
  // A moved-from string is empty; a moved-from absent value stays absent.
  void Reset() noexcept {
    const bool was_absent = absent();
    any_ = TVMFFIAny{};
    if (!was_absent) any_.type_index = small_kind;
  }

  TVMFFIAny any_;
};

}  // namespace details

// Text, UTF-8 by convention, of any length and with any bytes in it. Sixteen bytes wide.
class String : public details::InlineBytes<kTVMFFISmallStr, kTVMFFIStr> {
 public:
  using InlineBytes::InlineBytes;
  String() noexcept = default;
  // NOLINTBEGIN(google-explicit-constructor)
  String(std::nullptr_t) = delete;
  String(const char* text) : InlineBytes(std::string_view(text)) {}
  String(const std::string& text) : InlineBytes(std::string_view(text)) {}
  String(std::string_view text) : InlineBytes(text) {}
  String(InlineBytes bytes) noexcept : InlineBytes(std::move(bytes)) {}
  operator std::string_view() const noexcept { return view(); }
  // NOLINTEND(google-explicit-constructor)

  const char* c_str() const noexcept { return data(); }
  std::string str() const { return std::string(view()); }

  friend bool operator==(const String& a, std::string_view b) noexcept { return a.view() == b; }
  friend bool operator==(const String& a, const String& b) noexcept { return a.view() == b.view(); }
  friend bool operator==(const String& a, const char* b) noexcept { return a.view() == b; }
  friend bool operator==(const String& a, const std::string& b) noexcept { return a.view() == b; }
};

// Raw bytes. The same value as a String to the machine, another kind to languages that tell the two
// apart.
class Bytes : public details::InlineBytes<kTVMFFISmallBytes, kTVMFFIBytes> {
 public:
  using InlineBytes::InlineBytes;
  Bytes() noexcept = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  Bytes(InlineBytes bytes) noexcept : InlineBytes(std::move(bytes)) {}

  friend bool operator==(const Bytes& a, const Bytes& b) noexcept { return a.view() == b.view(); }
};

static_assert(sizeof(String) == sizeof(TVMFFIAny) && sizeof(Bytes) == sizeof(TVMFFIAny));

}  // namespace kiln

#endif  // KILN_STRING_H_
