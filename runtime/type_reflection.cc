#include "runtime/type_reflection.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include <kiln/any.h>

#include "runtime/argument.h"
#include "runtime/reserved_array.h"
#include "runtime/type_table.h"

namespace kiln::runtime {
namespace {

constexpr int32_t kMaxMembers = 1024;

// What the members of all types point to. It stays as they do.
struct Keepsakes {
  std::mutex mutex;  // held by whoever registers something
  std::deque<std::string> texts;
  std::deque<Any> values;
  std::deque<TVMFFITypeMetadata> metadata;

  TVMFFIByteArray Keep(const TVMFFIByteArray& text) {
    return details::ByteArrayOf(texts.emplace_back(details::ViewOf(text)));
  }
  TVMFFIAny Keep(const Any& value) { return values.emplace_back(value).raw(); }
};

Keepsakes& Kept() {
  static auto* const kept = new Keepsakes();
  return *kept;
}

TVMFFITypeInfo& TypeAt(int32_t index) {
  TVMFFITypeInfo* type = TypeTable::Global().Writable(index);
  if (type == nullptr) {
    throw Error("InternalError", "no type with the index " + std::to_string(index) +
                                     " is registered; get one from TVMFFITypeGetOrAllocIndex");
  }
  return *type;
}

[[noreturn]] void ThrowBadMember(const TVMFFITypeInfo& type, std::string_view member,
                                 std::string_view why) {
  throw Error("TypeError", details::Concat({"'", member, "' of type '",
                                            details::ViewOf(type.type_key), "' ", why}));
}

// The count last, so that whoever sees it sees the element. For the holder of the lock.
template <typename Member>
void Append(const TVMFFITypeInfo& type, const Member* members, int32_t* count,
            const Member& member) {
  if (*count == kMaxMembers) {
    throw Error("RuntimeError",
                details::Concat({"type '", details::ViewOf(type.type_key), "' has no room for '",
                                 details::ViewOf(member.name), "': it has ",
                                 std::to_string(kMaxMembers), " already"}));
  }
  const_cast<Member*>(members)[*count] = member;
  __atomic_store_n(count, *count + 1, __ATOMIC_RELEASE);
}

Any DefaultOf(const TVMFFIFieldInfo& field) {
  if ((field.flags & kTVMFFIFieldFlagBitMaskHasDefault) == 0) return Any();
  return Any(AnyView::FromRaw(field.default_value_or_factory));
}

// The setter where it is an object, else none.
Any SetterOf(const TVMFFITypeInfo& type, const TVMFFIFieldInfo& field) {
  if ((field.flags & kTVMFFIFieldFlagBitSetterIsFunctionObj) == 0 || field.setter == nullptr) {
    return Any();
  }
  TVMFFIAny setter{};
  setter.v_obj = static_cast<TVMFFIObject*>(field.setter);
  setter.type_index = setter.v_obj->type_index;
  if (setter.type_index != kTVMFFIFunction) {
    ThrowBadMember(type, details::ViewOf(field.name),
                   "is flagged to have an ffi.Function as setter, got " + Describe(setter));
  }
  return Any(AnyView::FromRaw(setter));
}

void RegisterField(int32_t type_index, const TVMFFIFieldInfo& field) {
  RequiredText(&field.name, "a field's name");
  RequiredText(&field.doc, "a field's documentation");
  RequiredText(&field.metadata, "a field's metadata");
  TVMFFITypeInfo& type = TypeAt(type_index);
  const Any default_value = DefaultOf(field);
  const Any setter = SetterOf(type, field);

  const std::lock_guard lock(Kept().mutex);
  const std::span fields(type.fields, static_cast<size_t>(type.num_fields));
  const std::string_view name = details::ViewOf(field.name);
  if (std::ranges::any_of(fields, [&](const TVMFFIFieldInfo& other) {
        return details::ViewOf(other.name) == name;
      })) {
    throw Error("InternalError", details::Concat({"type '", details::ViewOf(type.type_key),
                                                  "' has a field '", name, "' already"}));
  }
  TVMFFIFieldInfo kept = field;
  kept.name = Kept().Keep(field.name);
  kept.doc = Kept().Keep(field.doc);
  kept.metadata = Kept().Keep(field.metadata);
  kept.default_value_or_factory = Kept().Keep(default_value);
  Kept().Keep(setter);
  Append(type, type.fields, &type.num_fields, kept);
}

void RegisterMethod(int32_t type_index, const TVMFFIMethodInfo& method) {
  RequiredText(&method.name, "a method's name");
  RequiredText(&method.doc, "a method's documentation");
  RequiredText(&method.metadata, "a method's metadata");
  TVMFFITypeInfo& type = TypeAt(type_index);
  if (method.method.type_index != kTVMFFIFunction || method.method.v_obj == nullptr) {
    ThrowBadMember(type, details::ViewOf(method.name),
                   "must be an ffi.Function, got " + Describe(method.method));
  }
  const Any function(AnyView::FromRaw(method.method));

  const std::lock_guard lock(Kept().mutex);
  TVMFFIMethodInfo kept = method;
  kept.name = Kept().Keep(method.name);
  kept.doc = Kept().Keep(method.doc);
  kept.metadata = Kept().Keep(method.metadata);
  kept.method = Kept().Keep(function);
  Append(type, type.methods, &type.num_methods, kept);
}

void RegisterMetadata(int32_t type_index, const TVMFFITypeMetadata& metadata) {
  RequiredText(&metadata.doc, "a type's documentation");
  TVMFFITypeInfo& type = TypeAt(type_index);

  const std::lock_guard lock(Kept().mutex);
  if (type.metadata != nullptr) {
    throw Error("RuntimeError",
                details::Concat({"the metadata of type '", details::ViewOf(type.type_key),
                                 "' is registered already; two definitions may share that key"}));
  }
  TVMFFITypeMetadata kept = metadata;
  kept.doc = Kept().Keep(metadata.doc);
  const TVMFFITypeMetadata* published = &Kept().metadata.emplace_back(kept);
  __atomic_store_n(&type.metadata, published, __ATOMIC_RELEASE);
}

}  // namespace

void ReserveMembers(TVMFFITypeInfo* type) {
  type->fields = ReserveArray<TVMFFIFieldInfo>(kMaxMembers);
  type->methods = ReserveArray<TVMFFIMethodInfo>(kMaxMembers);
}

}  // namespace kiln::runtime

extern "C" {

int TVMFFITypeRegisterField(int32_t type_index, const TVMFFIFieldInfo* info) {
  return kiln::SafeCall([&] {
    kiln::runtime::RegisterField(type_index,
                                 kiln::runtime::Required(info, "a field's description"));
  });
}

int TVMFFITypeRegisterMethod(int32_t type_index, const TVMFFIMethodInfo* info) {
  return kiln::SafeCall([&] {
    kiln::runtime::RegisterMethod(type_index,
                                  kiln::runtime::Required(info, "a method's description"));
  });
}

int TVMFFITypeRegisterMetadata(int32_t type_index, const TVMFFITypeMetadata* metadata) {
  return kiln::SafeCall([&] {
    kiln::runtime::RegisterMetadata(type_index,
                                    kiln::runtime::Required(metadata, "a type's metadata"));
  });
}

}  // extern "C"
