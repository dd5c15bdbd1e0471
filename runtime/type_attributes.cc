// Attributes of types: one column a name, with a value for each type that has one.
//
// A column never moves, nor does its array. A value is published payload first, and the size last,
// so that columns are read without a lock.

#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <kiln/any.h>

#include "runtime/argument.h"
#include "runtime/name_table.h"
#include "runtime/reserved_array.h"
#include "runtime/type_table.h"

namespace kiln::runtime {
namespace {

struct Column {
  explicit Column(std::string_view name)
      : name_text(name),
        values(ReserveArray<TVMFFIAny>(static_cast<size_t>(TypeTable::kMaxTypes))),
        published{values, 0, 0} {}
  std::string_view name() const noexcept { return name_text; }

  const std::string name_text;
  TVMFFIAny* const values;
  TVMFFITypeAttrColumn published;
};

struct Attributes {
  NameTable<Column> columns;
  std::mutex mutex;        // held by whoever registers something
  std::deque<Any> values;  // what all columns hold
};

Attributes& Global() {
  static auto* const attributes = new Attributes();
  return *attributes;
}

std::string_view NameOf(const TVMFFIByteArray* name) {
  return RequiredText(name, "the name of a type attribute");
}

// For the holder of the lock.
Column& FindOrAdd(Attributes& attributes, std::string_view name) {
  if (Column* column = attributes.columns.Find(name)) return *column;
  return *attributes.columns.Insert(std::make_unique<Column>(name));
}

// The kind, in the first half, after the payload: who sees the kind sees the value.
void Publish(const TVMFFIAny& value, TVMFFIAny* slot) noexcept {
  uint64_t halves[2];
  static_assert(sizeof(halves) == sizeof(value));
  std::memcpy(halves, &value, sizeof(value));
  auto* words = reinterpret_cast<uint64_t*>(slot);
  __atomic_store_n(words + 1, halves[1], __ATOMIC_RELAXED);
  __atomic_store_n(words, halves[0], __ATOMIC_RELEASE);
}

void Register(int32_t type_index, std::string_view name, const TVMFFIAny* given) {
  Attributes& attributes = Global();
  if (type_index == kTVMFFINone) {
    const std::lock_guard lock(attributes.mutex);
    FindOrAdd(attributes, name);
    return;
  }
  const TVMFFITypeInfo* type = TypeTable::Global().Find(type_index);
  if (type == nullptr) {
    throw Error("InternalError",
                details::Concat({"attribute '", name, "' of type index ",
                                 std::to_string(type_index), ": no such type is registered"}));
  }
  if (given == nullptr) {
    throw Error("ValueError", details::Concat({"attribute '", name, "' of type '",
                                               details::ViewOf(type->type_key),
                                               "' must have a value, got null"}));
  }
  const Any value(AnyView::FromRaw(*given));

  const std::lock_guard lock(attributes.mutex);
  Column& column = FindOrAdd(attributes, name);
  if (column.values[type_index].type_index != kTVMFFINone) {
    throw Error(
        "RuntimeError",
        details::Concat({"attribute '", name, "' of type '", details::ViewOf(type->type_key),
                         "' is registered already; register a container to change it"}));
  }
  Publish(attributes.values.emplace_back(value).raw(), &column.values[type_index]);
  if (type_index >= column.published.size) {
    __atomic_store_n(&column.published.size, type_index + 1, __ATOMIC_RELEASE);
  }
}

}  // namespace
}  // namespace kiln::runtime

extern "C" {

int TVMFFITypeRegisterAttr(int32_t type_index, const TVMFFIByteArray* attr_name,
                           const TVMFFIAny* attr_value) {
  return kiln::SafeCall(
      [&] { kiln::runtime::Register(type_index, kiln::runtime::NameOf(attr_name), attr_value); });
}

const TVMFFITypeAttrColumn* TVMFFIGetTypeAttrColumn(const TVMFFIByteArray* attr_name) {
  const TVMFFITypeAttrColumn* published = nullptr;
  kiln::SafeCall([&] {
    const kiln::runtime::Column* column =
        kiln::runtime::Global().columns.Find(kiln::runtime::NameOf(attr_name));
    if (column != nullptr) published = &column->published;
  });
  return published;
}

}  // extern "C"
