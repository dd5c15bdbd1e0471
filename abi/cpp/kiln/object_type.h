// Object classes with an ABI type of their own: a name that all languages know, a place in the
// hierarchy of types, and casts that follow it.
//
//   class AnimalObj : public kiln::Object {
//    public:
//     KILN_OBJECT_TYPE("demo.Animal", AnimalObj, kiln::Object);
//     int64_t legs = 4;
//   };
//   class Animal : public kiln::ObjectRef {
//    public:
//     KILN_OBJECT_REF(Animal, kiln::ObjectRef, AnimalObj);
//   };
//   class BirdObj : public AnimalObj {
//    public:
//     KILN_OBJECT_TYPE_FINAL("demo.Bird", BirdObj, AnimalObj);
//     BirdObj() { legs = 2; }
//   };
//
//   kiln::ObjectRef bird(kiln::MakeObject<BirdObj>());
//   bird.as<AnimalObj>()->legs;   // 2: every bird is an animal
//
// The type is registered when its index is asked for first. Its fields and methods are told to the
// runtime by kiln/reflection.h.
#ifndef KILN_OBJECT_TYPE_H_
#define KILN_OBJECT_TYPE_H_

#include <cstdint>
#include <string_view>

#include "kiln/error.h"
#include "kiln/object.h"

namespace kiln::details {

// The index of a type, registered if it is not yet. Throws where the registration contradicts one
// that is there.
inline int32_t RegisterType(std::string_view key, int32_t depth, int32_t child_slots,
                            bool can_overflow, int32_t parent) {
  const TVMFFIByteArray bytes = ByteArrayOf(key);
  const int32_t index = TVMFFITypeGetOrAllocIndex(&bytes, kDynamicTypeIndex, depth, child_slots,
                                                  can_overflow ? 1 : 0, parent);
  if (index < 0) ThrowRaised();
  return index;
}

}  // namespace kiln::details

// Stands in a public section of the class `Class`, whose base class is `Parent`. A class that will
// have subtypes may set kChildSlots and kChildSlotsCanOverflow (kiln/object.h) before.
// NOLINTBEGIN(bugprone-macro-parentheses): they are types
#define KILN_OBJECT_TYPE(key, Class, Parent)                                        \
  static constexpr ::std::string_view kTypeKey = key;                               \
  static constexpr int32_t kTypeIndex = ::kiln::details::kDynamicTypeIndex;         \
  static constexpr int32_t kTypeDepth = ::kiln::details::TypeDepthOf<Parent>() + 1; \
  static int32_t RuntimeTypeIndex() {                                               \
    static_assert(!Parent::kFinal, "the parent's type is final");                   \
    static const int32_t index = ::kiln::details::RegisterType(                     \
        kTypeKey, kTypeDepth, Class::kChildSlots, Class::kChildSlotsCanOverflow,    \
        ::kiln::details::TypeIndexOf<Parent>());                                    \
    return index;                                                                   \
  }                                                                                 \
  static_assert(true, "a semicolon follows")
#define KILN_OBJECT_TYPE_FINAL(key, Class, Parent) \
  static constexpr bool kFinal = true;             \
  KILN_OBJECT_TYPE(key, Class, Parent)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // KILN_OBJECT_TYPE_H_
