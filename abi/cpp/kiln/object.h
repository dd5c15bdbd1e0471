// Reference-counted objects: the header that every heap value of the ABI starts with, and the C++
// references to it.
//
// `FooObj` is the data (an `Object`), `Foo` the reference that users hold (an `ObjectRef`). A
// reference is one pointer wide; copying it adds a strong count, destroying it takes one away. An
// object made by one compiler, library or runtime may be released by any other, because its header
// carries the function that destroys it.
//
// Threads: counting is atomic, so that references to one object may be copied and dropped by many
// threads. A single reference variable is like any other variable: guard it yourself.
#ifndef KILN_OBJECT_H_
#define KILN_OBJECT_H_

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include <tvm/ffi/c_api.h>

namespace kiln {

template <typename T>
class ObjectPtr;
template <typename T>
class WeakPtr;

namespace details {

// The count word holds the strong count in its low and the weak count in its high half. All strong
// references together own one weak count.
inline constexpr uint64_t kStrongOne = 1;
inline constexpr uint64_t kWeakOne = uint64_t{1} << 32;
inline constexpr uint64_t kStrongMask = kWeakOne - 1;

inline void RetainStrong(TVMFFIObject* object) noexcept {
  __atomic_fetch_add(&object->combined_ref_count, kStrongOne, __ATOMIC_RELAXED);
}

inline void ReleaseWeak(TVMFFIObject* object) noexcept {
  if (__atomic_fetch_sub(&object->combined_ref_count, kWeakOne, __ATOMIC_ACQ_REL) == kWeakOne &&
      object->deleter != nullptr) {
    object->deleter(object, kTVMFFIObjectDeleterFlagBitMaskWeak);
  }
}

inline void ReleaseStrong(TVMFFIObject* object) noexcept {
  const uint64_t before =
      __atomic_fetch_sub(&object->combined_ref_count, kStrongOne, __ATOMIC_ACQ_REL);
  if (before == (kStrongOne | kWeakOne)) {
    if (object->deleter != nullptr) {
      object->deleter(object, kTVMFFIObjectDeleterFlagBitMaskBoth);
    }
  } else if ((before & kStrongMask) == kStrongOne) {
    if (object->deleter != nullptr) {
      object->deleter(object, kTVMFFIObjectDeleterFlagBitMaskStrong);
    }
    ReleaseWeak(object);
  }
}

// Adds a strong count unless the object is already destroyed. True if it was added.
inline bool RetainStrongIfAlive(TVMFFIObject* object) noexcept {
  uint64_t count = __atomic_load_n(&object->combined_ref_count, __ATOMIC_RELAXED);
  while ((count & kStrongMask) != 0) {
    if (__atomic_compare_exchange_n(&object->combined_ref_count, &count, count + kStrongOne, true,
                                    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
      return true;
    }
  }
  return false;
}

}  // namespace details

// The base of every object: the 24-byte header, nothing else. A derived class adds its fields after
// it, or takes an ABI cell (TVMFFIErrorCell, DLTensor, ...) as second base, as the layout demands.
// It has the ABI type of its base, unless it declares one of its own (kiln/object_type.h).
class Object {
 public:
  // The type index that this class has in the ABI.
  static constexpr int32_t kTypeIndex = kTVMFFIObject;
  // True of a class whose type has no subtypes.
  static constexpr bool kFinal = false;
  // How many subtypes get indices right behind the class's own, which makes casts to it faster, and
  // whether there may be more.
  static constexpr int32_t kChildSlots = 0;
  static constexpr bool kChildSlotsCanOverflow = true;

  Object() noexcept : header_{} {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  int32_t type_index() const noexcept { return header_.type_index; }

  // Strong references to this object at some moment of the call. Only 1 says something that lasts:
  // the caller holds the sole reference.
  uint32_t use_count() const noexcept {
    return static_cast<uint32_t>(__atomic_load_n(&header_.combined_ref_count, __ATOMIC_ACQUIRE) &
                                 details::kStrongMask);
  }

  TVMFFIObject* header() noexcept { return &header_; }
  const TVMFFIObject* header() const noexcept { return &header_; }

 protected:
  ~Object() = default;

 private:
  TVMFFIObject header_;
};

static_assert(sizeof(Object) == sizeof(TVMFFIObject));

namespace details {

// In the place of a type index: the type gets its index from the runtime, at run time.
inline constexpr int32_t kDynamicTypeIndex = -1;

// The type index of the class `T`.
template <typename T>
int32_t TypeIndexOf() {
  if constexpr (T::kTypeIndex == kDynamicTypeIndex) {
    return T::RuntimeTypeIndex();
  } else {
    return T::kTypeIndex;
  }
}

// How many ancestors the type of `T` has. Those with a fixed index are children of Object.
template <typename T>
constexpr int32_t TypeDepthOf() noexcept {
  if constexpr (T::kTypeIndex == kDynamicTypeIndex) {
    return T::kTypeDepth;
  } else {
    return T::kTypeIndex == kTVMFFIObject ? 0 : 1;
  }
}

// True if `ancestor`, which has `depth` ancestors, is one of the type's.
[[gnu::noinline]] inline bool HasAncestor(int32_t type_index, int32_t ancestor,
                                          int32_t depth) noexcept {
  const TVMFFITypeInfo* type = TVMFFIGetTypeInfo(type_index);
  return type != nullptr && type->type_depth > depth &&
         type->type_ancestors[depth]->type_index == ancestor;
}

// True if a value of that type is an object of the class `T`, or of a class derived from it.
template <typename T>
bool IsInstance(int32_t type_index) {
  if constexpr (std::is_same_v<T, Object>) {
    return type_index >= kTVMFFIStaticObjectBegin;
  } else {
    const int32_t own = TypeIndexOf<T>();
    if (type_index == own) [[likely]] {
      return true;
    }
    // Types with a fixed index have no ancestor but Object.
    if (T::kFinal || type_index < kTVMFFIDynObjectBegin) return false;
    if (type_index > own && type_index - own <= T::kChildSlots) return true;
    return T::kChildSlotsCanOverflow && HasAncestor(type_index, own, TypeDepthOf<T>());
  }
}

}  // namespace details

// An owning pointer: holds one strong count of `T`, or is null.
template <typename T>
class ObjectPtr {
 public:
  ObjectPtr() noexcept = default;
  ObjectPtr(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor)
  ObjectPtr(const ObjectPtr& other) noexcept : object_(other.object_) { Retain(); }
  ObjectPtr(ObjectPtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>>
  ObjectPtr(ObjectPtr<U> other) noexcept  // NOLINT(google-explicit-constructor)
      : object_(other.release()) {}
  ~ObjectPtr() {
    if (object_ != nullptr) details::ReleaseStrong(header());
  }

  ObjectPtr& operator=(ObjectPtr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  // Takes over the strong count that the caller holds.
  static ObjectPtr Adopt(T* object) noexcept {
    ObjectPtr ptr;
    ptr.object_ = object;
    return ptr;
  }
  // Adds a strong count of its own.
  static ObjectPtr Share(T* object) noexcept {
    ObjectPtr ptr;
    ptr.object_ = object;
    ptr.Retain();
    return ptr;
  }
  // The same two for handles of the C ABI. `T` must be the object's class or a base of it.
  static ObjectPtr AdoptHandle(TVMFFIObjectHandle handle) noexcept {
    return Adopt(FromHandle(handle));
  }
  static ObjectPtr ShareHandle(TVMFFIObjectHandle handle) noexcept {
    return Share(FromHandle(handle));
  }

  T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

  // Gives the strong count to the caller; this pointer is null afterwards.
  T* release() noexcept { return std::exchange(object_, nullptr); }

  TVMFFIObject* header() const noexcept {
    return object_ == nullptr ? nullptr : static_cast<Object*>(object_)->header();
  }
  TVMFFIObject* release_handle() noexcept {
    TVMFFIObject* handle = header();
    object_ = nullptr;
    return handle;
  }

  friend bool operator==(const ObjectPtr& a, const ObjectPtr& b) noexcept {
    return a.object_ == b.object_;
  }
  friend bool operator==(const ObjectPtr& a, std::nullptr_t) noexcept {
    return a.object_ == nullptr;
  }

 private:
  static T* FromHandle(TVMFFIObjectHandle handle) noexcept {
    return handle == nullptr ? nullptr : static_cast<T*>(static_cast<Object*>(handle));
  }
  void Retain() const noexcept {
    if (object_ != nullptr) details::RetainStrong(header());
  }

  T* object_ = nullptr;
};

// A pointer that does not keep the object alive.
template <typename T>
class WeakPtr {
 public:
  WeakPtr() noexcept = default;
  explicit WeakPtr(const ObjectPtr<T>& strong) noexcept : object_(strong.get()) { Retain(); }
  WeakPtr(const WeakPtr& other) noexcept : object_(other.object_) { Retain(); }
  WeakPtr(WeakPtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  ~WeakPtr() {
    if (object_ != nullptr) details::ReleaseWeak(static_cast<Object*>(object_)->header());
  }
  WeakPtr& operator=(WeakPtr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  // A strong pointer, or null if the object is already destroyed.
  ObjectPtr<T> lock() const noexcept {
    if (object_ == nullptr ||
        !details::RetainStrongIfAlive(static_cast<Object*>(object_)->header())) {
      return nullptr;
    }
    return ObjectPtr<T>::Adopt(object_);
  }

 private:
  void Retain() const noexcept {
    if (object_ == nullptr) return;
    __atomic_fetch_add(&static_cast<Object*>(object_)->header()->combined_ref_count,
                       details::kWeakOne, __ATOMIC_RELAXED);
  }

  T* object_ = nullptr;
};

// The base of every reference class. May be null: `defined()` tells. A derived reference names its
// object class as `ContainerType`.
class ObjectRef {
 public:
  using ContainerType = Object;

  ObjectRef() noexcept = default;
  explicit ObjectRef(ObjectPtr<Object> object) noexcept : object_(std::move(object)) {}

  bool defined() const noexcept { return object_.get() != nullptr; }
  Object* get() const noexcept { return object_.get(); }
  int32_t type_index() const noexcept {
    return defined() ? object_->type_index() : static_cast<int32_t>(kTVMFFINone);
  }
  uint32_t use_count() const noexcept { return defined() ? object_->use_count() : 0; }
  bool same_as(const ObjectRef& other) const noexcept { return object_ == other.object_; }

  // The object as a `T`, an Object class, alive as long as somebody holds it; null if it is none.
  template <typename T>
    requires(std::is_base_of_v<Object, T>)
  T* as() const {
    return details::IsInstance<T>(type_index()) ? static_cast<T*>(get()) : nullptr;
  }
  // The same reference as a `Ref`, a reference class; nullopt if the object is of another class.
  template <typename Ref>
    requires(std::is_base_of_v<ObjectRef, Ref>)
  std::optional<Ref> as() const {
    using T = typename Ref::ContainerType;
    T* const object = as<T>();
    if (object == nullptr) return std::nullopt;
    return Ref(ObjectPtr<T>::Share(object));
  }

  // The handle, still owned by this reference.
  TVMFFIObject* handle() const noexcept { return object_.header(); }
  // The handle with its strong count; this reference is null afterwards.
  TVMFFIObject* release_handle() noexcept { return object_.release_handle(); }

  const ObjectPtr<Object>& object() const noexcept { return object_; }

 private:
  ObjectPtr<Object> object_;
};

}  // namespace kiln

// The members that a reference class `Ref` to `Obj` needs beside its own.
// NOLINTBEGIN(bugprone-macro-parentheses): they are types
#define KILN_OBJECT_REF(Ref, Base, Obj)                                             \
  Ref() noexcept = default;                                                         \
  explicit Ref(::kiln::ObjectPtr<Obj> object) noexcept : Base(std::move(object)) {} \
  Obj* get() const noexcept {                                                       \
    return static_cast<Obj*>(::kiln::ObjectRef::get()); /* null stays null */       \
  }                                                                                 \
  Obj* operator->() const noexcept { return get(); }                                \
  using ContainerType = Obj
// NOLINTEND(bugprone-macro-parentheses)

#endif  // KILN_OBJECT_H_
