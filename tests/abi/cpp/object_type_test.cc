// Object classes with types of their own: their place in the hierarchy decides every cast.
#include <string>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

class AnimalObj : public Object {
 public:
  static constexpr int32_t kChildSlots = 2;
  KILN_OBJECT_TYPE("kiln.test.Animal", AnimalObj, Object);
  int64_t legs = 4;
};
class Animal : public ObjectRef {
 public:
  KILN_OBJECT_REF(Animal, ObjectRef, AnimalObj);
};

// More subtypes than Animal has slots for.
template <int number>
class DogObj : public AnimalObj {
 public:
  static constexpr int32_t kChildSlots = 0;
  KILN_OBJECT_TYPE(number == 0   ? "kiln.test.Dog0"
                   : number == 1 ? "kiln.test.Dog1"
                   : number == 2 ? "kiln.test.Dog2"
                                 : "kiln.test.Dog3",
                   DogObj, AnimalObj);
};
class PuppyObj : public DogObj<3> {
 public:
  KILN_OBJECT_TYPE_FINAL("kiln.test.Puppy", PuppyObj, DogObj<3>);
  int64_t age = 1;
};
class Puppy : public Animal {
 public:
  KILN_OBJECT_REF(Puppy, Animal, PuppyObj);
};

class StoneObj : public Object {
 public:
  KILN_OBJECT_TYPE_FINAL("kiln.test.Stone", StoneObj, Object);
};

// A class without a type of its own is of its base's.
class LameDogObj : public DogObj<0> {};

class ReplyObj : public FunctionObj {
 public:
  KILN_OBJECT_TYPE("kiln.test.Reply", ReplyObj, FunctionObj);
  ReplyObj() : FunctionObj(&Call) {}

 private:
  static int Call(void*, const TVMFFIAny*, int32_t, TVMFFIAny* result) {
    return SafeCall([&] { *result = Any("reply").release(); });
  }
};

template <typename T>
ObjectRef Make() {
  return ObjectRef(MakeObject<T>());
}

TEST(ObjectType, IsRegisteredUnderItsKey) {
  const int32_t index = Make<AnimalObj>().type_index();
  EXPECT_GE(index, kTVMFFIDynObjectBegin);
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
  EXPECT_EQ(details::ViewOf(info->type_key), "kiln.test.Animal");
  EXPECT_EQ(info->type_depth, 1);
  EXPECT_EQ(TVMFFIGetTypeInfo(Make<PuppyObj>().type_index())->type_depth, 3);
}

TEST(ObjectType, AnObjectIsAnInstanceOfItsAncestors) {
  for (const ObjectRef& object : {Make<AnimalObj>(), Make<DogObj<0>>(), Make<DogObj<1>>(),
                                  Make<DogObj<2>>(), Make<DogObj<3>>(), Make<PuppyObj>()}) {
    EXPECT_NE(object.as<AnimalObj>(), nullptr);
    EXPECT_TRUE(object.as<Animal>().has_value());
    EXPECT_EQ(Any(object).cast<Animal>()->legs, 4);
  }
  EXPECT_EQ(Make<StoneObj>().as<AnimalObj>(), nullptr);
  EXPECT_EQ(Make<AnimalObj>().as<DogObj<0>>(), nullptr);
  EXPECT_EQ(Make<DogObj<0>>().as<DogObj<1>>(), nullptr);
  EXPECT_EQ(Make<DogObj<2>>().as<PuppyObj>(), nullptr);
}

TEST(ObjectType, AClassWithoutATypeHasItsBases) {
  const ObjectRef dog = Make<LameDogObj>();
  EXPECT_EQ(dog.type_index(), Make<DogObj<0>>().type_index());
  EXPECT_NE(dog.as<AnimalObj>(), nullptr);
}

TEST(ObjectType, ASubtypeOfABuiltInTypeIsOne) {
  const ObjectRef reply = Make<ReplyObj>();
  EXPECT_NE(reply.type_index(), kTVMFFIFunction);
  EXPECT_EQ(Any(reply).cast<Function>()().cast<std::string>(), "reply");
  EXPECT_FALSE(reply.as<Error>().has_value());
}

TEST(ObjectType, ANullReferenceIsAnInstanceOfNothing) {
  EXPECT_EQ(ObjectRef().as<Object>(), nullptr);
  EXPECT_FALSE(Animal().as<Puppy>().has_value());
}

TEST(ObjectType, AWrongClassIsNamedInTheError) {
  const Error error = ThrownBy([] { Any(Make<StoneObj>()).cast<Animal>(); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "expected kiln.test.Animal, got kiln.test.Stone");
}

TEST(ObjectType, ParametersTakePointersToObjects) {
  const Function legs = Function::FromTyped(
      [](const AnimalObj* animal) { return animal == nullptr ? 0 : animal->legs; });
  EXPECT_EQ(legs(Make<PuppyObj>()).cast<int>(), 4);
  EXPECT_EQ(legs(nullptr).cast<int>(), 0);
  EXPECT_EQ(ThrownBy([&] { legs(Make<StoneObj>()); }).message(),
            "argument 0: expected kiln.test.Animal, got kiln.test.Stone");
  EXPECT_EQ(ThrownBy([&] { legs(3); }).kind(), "TypeError");
}

TEST(ObjectType, ATypeThatContradictsItselfIsAnError) {
  static_cast<void>(details::RegisterType("kiln.test.Twice", 1, 0, true, kTVMFFIObject));
  EXPECT_EQ(
      ThrownBy([] { details::RegisterType("kiln.test.Orphan", 5, 0, true, kTVMFFIObject); }).kind(),
      "ValueError");
}

}  // namespace
}  // namespace kiln::testing
