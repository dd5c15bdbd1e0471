// Reflection: tells the runtime what C++ classes and functions look like, so that every language
// can make objects, read and set their fields, and call their methods.
//
//   class PointObj : public kiln::Object {
//    public:
//     KILN_OBJECT_TYPE("demo.Point", PointObj, kiln::Object);
//     PointObj(int64_t x, int64_t y) : x(x), y(y) {}
//     int64_t Dot(const PointObj* other) const { return x * other->x + y * other->y; }
//     int64_t x;
//     int64_t y;
//   };
//
//   KILN_STATIC_INIT_BLOCK() {
//     namespace refl = kiln::reflection;
//     refl::ObjectDef<PointObj>("A point of the plane.")
//         .def(refl::init<int64_t, int64_t>())
//         .def_rw("x", &PointObj::x, "The abscissa.", refl::DefaultValue(0))
//         .def_ro("y", &PointObj::y)
//         .def("dot", &PointObj::Dot, "The scalar product.");
//     refl::GlobalDef().def("demo.add", [](int64_t a, int64_t b) { return a + b; }, "a + b");
//   }
//
// After a name may stand, in any order: its documentation (a literal), Metadata, and for fields
// DefaultValue or DefaultFactory and AttachFieldFlag. Types are described by their schema
// (kiln/schema.h), under the key "type_schema" of the metadata.
//
// Registrations are for good: the library that makes them must stay in memory. Each throws where
// the name is taken. Threads: any, where the runtime is Kiln's; see kiln/registry.h.
#ifndef KILN_REFLECTION_H_
#define KILN_REFLECTION_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "kiln/function.h"
#include "kiln/make_object.h"
#include "kiln/object_type.h"
#include "kiln/registry.h"
#include "kiln/schema.h"

namespace kiln::reflection {

// What is said of a field or method beyond its type: JSON values under further keys. A value is a
// bool, an int or text; TypeError else.
class Metadata {
 public:
  Metadata(std::initializer_list<std::pair<std::string_view, Any>> entries)
      : entries_(entries.begin(), entries.end()) {}

  // The whole metadata of a member, as JSON.
  std::string Json(std::string_view type_schema) const {
    std::string json = details::Concat({"{\"type_schema\":", details::QuoteJson(type_schema)});
    for (const auto& [key, value] : entries_) {
      json.append(",").append(details::QuoteJson(key)).append(":").append(JsonOf(key, value));
    }
    return json.append("}");
  }

 private:
  static std::string JsonOf(std::string_view key, const Any& value) {
    if (value.type_index() == kTVMFFIBool) return value.cast<bool>() ? "true" : "false";
    if (value.type_index() == kTVMFFIInt) return std::to_string(value.cast<int64_t>());
    if (const auto text = value.try_cast<std::string_view>()) return details::QuoteJson(*text);
    throw Error("TypeError",
                details::Concat({"metadata '", key, "' must be bool, int or text, got ",
                                 Describe(value.raw())}));
  }

  std::vector<std::pair<std::string, Any>> entries_;
};

// The value of a field that is not given.
struct DefaultValue {
  explicit DefaultValue(Any given) : value(std::move(given)) {}
  Any value;
};
// A function () -> value, called each time the field is not given: for values that change.
struct DefaultFactory {
  explicit DefaultFactory(Function given) : factory(std::move(given)) {}
  Function factory;
};
// Further bits of TVMFFIFieldFlagBitMask.
struct AttachFieldFlag {
  explicit constexpr AttachFieldFlag(int64_t given) noexcept : flag(given) {}
  int64_t flag;
};

// A constructor with these parameters.
template <typename... Args>
struct init {
  template <typename Class>
  static ObjectRef Make(const Args&... args) {
    return ObjectRef(MakeObject<Class>(args...));
  }
};

}  // namespace kiln::reflection

namespace kiln::details {

// What is told of a field or method beside its name and type.
template <typename Member>
struct MemberNotes {
  Member info{};
  std::string metadata_text;
  reflection::Metadata metadata{};
  Any value;  // the default, which `info` shows

  void Add(const char* doc) noexcept { info.doc = ByteArrayOf(doc); }
  void Add(const reflection::Metadata& given) { metadata = given; }
  void Add(const reflection::DefaultValue& given)
    requires(std::is_same_v<Member, TVMFFIFieldInfo>)
  {
    value = given.value;
    info.flags |= kTVMFFIFieldFlagBitMaskHasDefault;
  }
  void Add(const reflection::DefaultFactory& given)
    requires(std::is_same_v<Member, TVMFFIFieldInfo>)
  {
    value = given.factory;
    info.flags |= kTVMFFIFieldFlagBitMaskHasDefault | kTVMFFIFieldFlagBitMaskDefaultFromFactory;
  }
  void Add(const reflection::AttachFieldFlag& given) noexcept
    requires(std::is_same_v<Member, TVMFFIFieldInfo>)
  {
    info.flags |= given.flag;
  }

  // The description, valid as long as this.
  const Member& Describe(std::string_view name, std::string_view type_schema) {
    info.name = ByteArrayOf(name);
    metadata_text = metadata.Json(type_schema);
    info.metadata = ByteArrayOf(metadata_text);
    return info;
  }
};

template <typename T>
int GetField(void* field, TVMFFIAny* result) {
  return SafeCall([&] { *result = Any(*static_cast<const T*>(field)).release(); });
}

template <typename T>
int SetField(void* field, const TVMFFIAny* value) {
  return SafeCall([&] { *static_cast<T*>(field) = CastOrThrow<T>(*value); });
}

template <typename Class>
int CreateObject(TVMFFIObjectHandle* result) {
  return SafeCall([&] { *result = MakeObject<Class>().release_handle(); });
}

// How far a field lies from the object's header. The storage holds no object, which looks like a
// bad cast where the class has virtual functions.
template <typename Class, typename T, typename Base>
__attribute__((no_sanitize("vptr"))) int64_t OffsetOf(T Base::* field) noexcept {
  alignas(Class) static unsigned char storage[sizeof(Class)];
  auto* object = reinterpret_cast<Class*>(storage);
  return reinterpret_cast<char*>(&(object->*field)) -
         reinterpret_cast<char*>(static_cast<Object*>(object));
}

// The kind that a field of the type always has, or kTVMFFIAny.
template <typename T>
constexpr int32_t FieldKind() noexcept {
  if constexpr (std::is_same_v<T, bool>) {
    return kTVMFFIBool;
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return kTVMFFIInt;
  } else if constexpr (std::is_floating_point_v<T>) {
    return kTVMFFIFloat;
  } else if constexpr (std::is_same_v<T, DLDevice>) {
    return kTVMFFIDevice;
  } else if constexpr (std::is_same_v<T, DLDataType>) {
    return kTVMFFIDataType;
  } else if constexpr (std::is_same_v<T, String>) {
    return kTVMFFIStr;
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return kTVMFFIBytes;
  } else if constexpr (std::is_base_of_v<ObjectRef, T>) {
    constexpr int32_t kIndex = T::ContainerType::kTypeIndex;
    return kIndex == kDynamicTypeIndex ? static_cast<int32_t>(kTVMFFIObject) : kIndex;
  } else {
    return kTVMFFIAny;
  }
}

// A callable as a Function. Of a member function the object is the first argument, which must not
// be None.
template <typename F>
struct AsFunction {
  using Type = typename Signature<F>::Type;
  static Function Make(F callable) { return Function::FromTyped(std::move(callable)); }
};

template <typename Class>
struct Receiver {
  using Reference = Class;
  static const Class& Of(const Class& reference) { return reference; }
};
template <typename Class>
  requires(std::is_base_of_v<Object, Class>)
struct Receiver<Class> {
  using Reference = const Class*;
  static Class& Of(const Class* object) {
    if (object == nullptr) {
      throw Error("TypeError",
                  Concat({"argument 0: expected ", KindName(TypeIndexOf<Class>()), ", got None"}));
    }
    return *const_cast<Class*>(object);
  }
};

template <typename Method, typename Class, typename R, typename... Args>
struct MethodAsFunction {
  using Type = R(typename Receiver<Class>::Reference, Args...);
  static Function Make(Method method) {
    return Function::FromTyped(
        [method](typename Receiver<Class>::Reference self, Args... args) -> R {
          return (Receiver<Class>::Of(self).*method)(std::forward<Args>(args)...);
        });
  }
};
template <typename Class, typename R, typename... Args>
struct AsFunction<R (Class::*)(Args...)>
    : MethodAsFunction<R (Class::*)(Args...), Class, R, Args...> {};
template <typename Class, typename R, typename... Args>
struct AsFunction<R (Class::*)(Args...) const>
    : MethodAsFunction<R (Class::*)(Args...) const, Class, R, Args...> {};

}  // namespace kiln::details

namespace kiln::reflection {

// Defines global functions, with their documentation and metadata.
class GlobalDef {
 public:
  // A callable of plain C++ types, or a member function: its object is the first argument.
  template <typename F, typename... Notes>
  GlobalDef& def(std::string_view name, F callable, const Notes&... notes) {
    using Wrapped = details::AsFunction<F>;
    return Define(name, Wrapped::Make(std::move(callable)),
                  FunctionSchema<typename Wrapped::Type>(), notes...);
  }
  template <typename F, typename... Notes>
  GlobalDef& def_method(std::string_view name, F method, const Notes&... notes) {
    return def(name, method, notes...);
  }
  // A callable void(PackedArgs, Any*).
  template <typename F, typename... Notes>
  GlobalDef& def_packed(std::string_view name, F callable, const Notes&... notes) {
    return Define(name, Function::FromPacked(std::move(callable)), TypeSchema<Function>(),
                  notes...);
  }

 private:
  template <typename... Notes>
  GlobalDef& Define(std::string_view name, const Function& function, std::string_view type_schema,
                    const Notes&... notes) {
    details::MemberNotes<TVMFFIMethodInfo> method;
    (method.Add(notes), ...);
    method.info.method = AnyView(function).raw();
    CheckCall(TVMFFIFunctionSetGlobalFromMethodInfo(&method.Describe(name, type_schema), 0));
    return *this;
  }
};

// Defines the class `Class`, which has declared its type (kiln/object_type.h): once.
template <typename Class>
class ObjectDef {
  static_assert(std::is_base_of_v<Object, Class>, "only object classes are reflected");

 public:
  // `doc` describes the class. A class with a public default constructor can be made by the
  // runtime, one with a public copy constructor be copied.
  explicit ObjectDef(const char* doc = "") : type_index_(details::TypeIndexOf<Class>()) {
    TVMFFITypeMetadata metadata{};
    metadata.doc = details::ByteArrayOf(doc);
    metadata.total_size = sizeof(Class);
    if constexpr (std::is_default_constructible_v<Class>) {
      metadata.creator = &details::CreateObject<Class>;
      def_type_attr("__ffi_new__", [] { return ObjectRef(MakeObject<Class>()); });
    }
    if constexpr (std::is_copy_constructible_v<Class>) {
      def_type_attr("__ffi_shallow_copy__",
                    [](const Class* object) { return ObjectRef(MakeObject<Class>(*object)); });
    }
    def_type_attr("__ffi_type_final__", Class::kFinal);
    CheckCall(TVMFFITypeRegisterMetadata(type_index_, &metadata));
  }

  // A field of the class or of its C++ base that can only be read, or also be set.
  template <typename T, typename Base, typename... Notes>
  ObjectDef& def_ro(std::string_view name, T Base::* field, const Notes&... notes) {
    return DefineField(name, field, 0, notes...);
  }
  template <typename T, typename Base, typename... Notes>
  ObjectDef& def_rw(std::string_view name, T Base::* field, const Notes&... notes) {
    return DefineField(name, field, kTVMFFIFieldFlagBitMaskWritable, notes...);
  }

  // A method: a member function, or a callable whose first parameter is the object.
  template <typename F, typename... Notes>
  ObjectDef& def(std::string_view name, F method, const Notes&... notes) {
    DefineMethod(name, std::move(method), 0, notes...);
    return *this;
  }
  // A function of the class.
  template <typename F, typename... Notes>
  ObjectDef& def_static(std::string_view name, F callable, const Notes&... notes) {
    DefineMethod(name, std::move(callable), kTVMFFIFieldFlagBitMaskIsStaticMethod, notes...);
    return *this;
  }
  // The constructor, with the parameters of `init`.
  template <typename... Args, typename... Notes>
  ObjectDef& def(init<Args...>, const Notes&... notes) {
    static constexpr std::string_view kName = "__ffi_init__";
    return def_type_attr(kName, DefineMethod(kName, &init<Args...>::template Make<Class>,
                                             kTVMFFIFieldFlagBitMaskIsStaticMethod, notes...));
  }

  // An attribute of the type: a value, or a callable, which becomes a Function.
  template <typename V>
  ObjectDef& def_type_attr(std::string_view name, V value) {
    if constexpr (std::is_convertible_v<V, Any>) {
      const Any attribute(value);
      const TVMFFIByteArray bytes = details::ByteArrayOf(name);
      CheckCall(TVMFFITypeRegisterAttr(type_index_, &bytes, &attribute.raw()));
      return *this;
    } else {
      return def_type_attr(name, details::AsFunction<V>::Make(std::move(value)));
    }
  }

 private:
  template <typename T, typename Base, typename... Notes>
  ObjectDef& DefineField(std::string_view name, T Base::* field_pointer, int64_t flags,
                         const Notes&... notes) {
    static_assert(std::is_base_of_v<Base, Class>, "the field is one of another class");
    details::MemberNotes<TVMFFIFieldInfo> field;
    field.info.flags = flags;
    (field.Add(notes), ...);
    field.info.size = sizeof(T);
    field.info.alignment = alignof(T);
    field.info.offset = details::OffsetOf<Class>(field_pointer);
    field.info.getter = &details::GetField<T>;
    field.info.setter = reinterpret_cast<void*>(&details::SetField<T>);
    field.info.default_value_or_factory = field.value.raw();
    field.info.field_static_type_index = details::FieldKind<T>();
    CheckCall(TVMFFITypeRegisterField(type_index_, &field.Describe(name, TypeSchema<T>())));
    return *this;
  }

  template <typename F, typename... Notes>
  Function DefineMethod(std::string_view name, F callable, int64_t flags, const Notes&... notes) {
    using Wrapped = details::AsFunction<F>;
    const Function function = Wrapped::Make(std::move(callable));
    details::MemberNotes<TVMFFIMethodInfo> method;
    method.info.flags = flags;
    (method.Add(notes), ...);
    method.info.method = AnyView(function).raw();
    CheckCall(TVMFFITypeRegisterMethod(
        type_index_, &method.Describe(name, FunctionSchema<typename Wrapped::Type>())));
    return function;
  }

  int32_t type_index_;
};

}  // namespace kiln::reflection

#endif  // KILN_REFLECTION_H_
