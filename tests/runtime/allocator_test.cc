#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

namespace kiln {
namespace {

const std::string kText = "text that does not fit inline";
const TVMFFIByteArray kTextBytes{kText.data(), kText.size()};

// An allocator that counts what it gives and gets back, by type index. In use while it lives.
class CountingAllocator {
 public:
  CountingAllocator() { TVMFFISetCustomAllocator(&allocator_); }
  ~CountingAllocator() { TVMFFISetCustomAllocator(nullptr); }
  CountingAllocator(const CountingAllocator&) = delete;
  CountingAllocator& operator=(const CountingAllocator&) = delete;

  int given(int32_t type_index) { return given_[type_index]; }
  int alive() const { return alive_; }
  // From here on it gives nothing, and says why by calling `raise`.
  void Refuse(void (*raise)()) { refuse_ = raise; }

 private:
  struct Prefix {
    CountingAllocator* owner;
    TVMFFIObjectAllocHeader header;
  };

  static void* Allocate(size_t size, size_t alignment, int32_t type_index, void* context) {
    EXPECT_LE(alignment, alignof(std::max_align_t));
    auto* self = static_cast<CountingAllocator*>(context);
    if (self->refuse_ != nullptr) {
      self->refuse_();
      return nullptr;
    }
    ++self->given_[type_index];
    ++self->alive_;
    auto* prefix = static_cast<Prefix*>(std::malloc(sizeof(Prefix) + size));
    *prefix = {self, {&Delete}};
    return prefix + 1;
  }
  static void Delete(void* body) {
    Prefix* prefix = static_cast<Prefix*>(body) - 1;
    --prefix->owner->alive_;
    std::free(prefix);
  }

  TVMFFICustomAllocator allocator_{&Allocate, this};
  std::map<int32_t, int> given_;
  int alive_ = 0;
  void (*refuse_)() = nullptr;
};

Any AdoptObject(TVMFFIObjectHandle handle) {
  return Any(ObjectRef(ObjectPtr<Object>::AdoptHandle(handle)));
}

Any MakeText(int (*make)(const TVMFFIByteArray*, TVMFFIAny*)) {
  Any text;
  CheckCall(make(&kTextBytes, text.out()));
  return text;
}

Any MakeImportedTensor() {
  static std::array<int64_t, 1> shape{1};
  static float element = 0;
  auto* managed = new DLManagedTensor{};
  managed->dl_tensor = {&element, kCpu, 1, DataTypeOf<float>(), shape.data(), nullptr, 0};
  managed->deleter = [](DLManagedTensor* self) { delete self; };
  TVMFFIObjectHandle tensor = nullptr;
  if (TVMFFITensorFromDLPack(managed, 0, 0, &tensor) != 0) {
    delete managed;
    ThrowRaised();
  }
  return AdoptObject(tensor);
}

int DoNothing(void*, const TVMFFIAny*, int32_t, TVMFFIAny*) { return 0; }

Any MakeCallback() {
  TVMFFIObjectHandle function = nullptr;
  CheckCall(TVMFFIFunctionCreate(nullptr, &DoNothing, nullptr, &function));
  return AdoptObject(function);
}

Any MakeOpaque() {
  TVMFFIObjectHandle object = nullptr;
  CheckCall(TVMFFIObjectCreateOpaque(nullptr, kTVMFFIOpaquePyObject, nullptr, &object));
  return AdoptObject(object);
}

Any MakeBigInt() {
  const std::string words(16, '\x55');
  const TVMFFIByteArray bytes{words.data(), words.size()};
  Any number;
  CheckCall(TVMFFIBigIntFromByteArray(&bytes, number.out()));
  return number;
}

// A way to make an object.
struct Way {
  const char* name;
  int32_t type_index;
  std::function<Any()> make;
};

std::vector<Way> AllWays() {
  const auto call = [](const char* name, auto... args) {
    return [=, function = GlobalFunction::Get(name)] { return function(args...); };
  };
  return {
      {"string", kTVMFFIStr, [] { return MakeText(&TVMFFIStringFromByteArray); }},
      {"bytes", kTVMFFIBytes, [] { return MakeText(&TVMFFIBytesFromByteArray); }},
      {"big int", kTVMFFIBigInt, &MakeBigInt},
      {"error", kTVMFFIError, [] { return Any(ObjectRef(Error("ValueError", kText))); }},
      {"callback", kTVMFFIFunction, &MakeCallback},
      {"C++ function", kTVMFFIFunction, [] { return Any(Function::FromTyped([] {})); }},
      {"shape", kTVMFFIShape, call("ffi.Shape", 1, 2, 3)},
      {"tensor", kTVMFFITensor, [] { return Any(Tensor::Empty({2}, DataTypeOf<float>())); }},
      {"imported tensor", kTVMFFITensor, &MakeImportedTensor},
      {"array", kTVMFFIArray, call("ffi.Array", 1, 2, 3)},
      {"list", kTVMFFIList, call("ffi.List", 1, 2, 3)},
      {"map", kTVMFFIMap, call("ffi.Map", 1, 2, 3, 4)},
      {"dict", kTVMFFIDict, call("ffi.Dict", 1, 2, 3, 4)},
      {"opaque object", kTVMFFIOpaquePyObject, &MakeOpaque},
      {"module", kTVMFFIModule, [] { return Any(Module::LoadFromFile(KILN_TEST_LIBRARY)); }},
  };
}

std::string KindThrownBy(const std::function<Any()>& make) {
  try {
    make();
  } catch (const Error& error) {
    return std::string(error.kind());
  } catch (const std::bad_alloc&) {
    return "std::bad_alloc";
  }
  return "nothing";
}

TEST(Allocator, GetsEachObjectOnceAndKnowsItsType) {
  for (const Way& way : AllWays()) {
    CountingAllocator allocator;
    {
      const Any object = way.make();
      EXPECT_EQ(object.type_index(), way.type_index) << way.name;
      EXPECT_EQ(allocator.given(way.type_index), 1) << way.name;
      EXPECT_GT(allocator.alive(), 0) << way.name;
    }
    EXPECT_EQ(allocator.alive(), 0) << way.name;
  }
}

TEST(Allocator, ErrorOfARefusalReachesTheCallerAndNothingIsLost) {
  static const Error quota("QuotaError", "no more objects");
  const std::vector<Way> ways = AllWays();
  CountingAllocator allocator;
  allocator.Refuse([] { TVMFFIErrorSetRaised(quota.handle()); });
  for (const Way& way : ways) {
    // What makes errors has no place for the error of its own failure.
    const bool makes_error = way.type_index == kTVMFFIError;
    EXPECT_EQ(KindThrownBy(way.make), makes_error ? "std::bad_alloc" : "QuotaError") << way.name;
  }
  EXPECT_EQ(allocator.alive(), 0);
  EXPECT_EQ(quota.use_count(), 1u);
}

TEST(Allocator, RefusalWithoutAnErrorIsAMemoryErrorAtTheCAbi) {
  CountingAllocator allocator;
  allocator.Refuse([] {});
  for (const auto& make : {&MakeCallback, &MakeOpaque, &MakeBigInt, &MakeImportedTensor}) {
    EXPECT_EQ(KindThrownBy(make), "MemoryError");
  }
  EXPECT_EQ(KindThrownBy([] { return Any(Function::FromTyped([] {})); }), "std::bad_alloc");
}

TEST(Allocator, MayRaiseAnErrorForWhichItHasNoMemoryEither) {
  CountingAllocator allocator;
  allocator.Refuse([] { TVMFFIErrorSetRaisedFromCStr("MemoryError", "the arena is full"); });
  EXPECT_EQ(KindThrownBy(&MakeOpaque), "MemoryError");
  TVMFFIErrorSetRaisedFromCStr("ValueError", "lost to a MemoryError");
  TVMFFIObjectHandle raised = nullptr;
  TVMFFIErrorMoveFromRaised(&raised);
  ASSERT_NE(raised, nullptr);
  EXPECT_STREQ(TVMFFIErrorGetCellPtr(raised)->kind.data, "MemoryError");
  TVMFFIObjectDecRef(raised);
}

TEST(Allocator, GetsBackWhatAConstructorThatThrowsWasGiven) {
  struct ThrowingObj : Object {
    ThrowingObj() { throw Error("ValueError", "no"); }
  };
  CountingAllocator allocator;
  EXPECT_EQ(KindThrownBy([] { return Any(ObjectRef(MakeObject<ThrowingObj>())); }), "ValueError");
  EXPECT_EQ(allocator.given(kTVMFFIObject), 1);
  EXPECT_EQ(allocator.alive(), 0);
}

TEST(Allocator, GetsBackItsObjectsAfterItWasReplaced) {
  const Any builtin = MakeOpaque();
  CountingAllocator first;
  Any of_first = MakeOpaque();
  {
    CountingAllocator second;
    of_first = Any();
    EXPECT_EQ(first.alive(), 0);
    const Any of_second = MakeOpaque();
    EXPECT_EQ(second.alive(), 1);
  }
}

TEST(Allocator, KeepsSpaceUntilTheLastWeakReferenceIsGone) {
  CountingAllocator allocator;
  auto strong = ObjectPtr<Object>::ShareHandle(MakeOpaque().cast<ObjectRef>().handle());
  {
    const WeakPtr<Object> weak(strong);
    strong = nullptr;
    EXPECT_EQ(allocator.alive(), 1);
  }
  EXPECT_EQ(allocator.alive(), 0);
}

TEST(Allocator, BuiltinGivesAlignedMemoryWithItsHeaderInFront) {
  TVMFFICustomAllocator* allocator = TVMFFIGetCustomAllocator();
  for (const size_t alignment : {8, 16, 64, 256}) {
    void* body = allocator->allocate(40, alignment, kTVMFFIObject, allocator->context);
    ASSERT_NE(body, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(body) % alignment, 0u);
    std::memset(body, 0xff, 40);
    (static_cast<TVMFFIObjectAllocHeader*>(body) - 1)->delete_space(body);
  }
}

TEST(Allocator, BuiltinRaisesMemoryErrorWhenThereIsNone) {
  TVMFFICustomAllocator* allocator = TVMFFIGetCustomAllocator();
  EXPECT_EQ(allocator->allocate(SIZE_MAX, 8, kTVMFFIObject, allocator->context), nullptr);
  TVMFFIObjectHandle error = nullptr;
  TVMFFIErrorMoveFromRaised(&error);
  ASSERT_NE(error, nullptr);
  EXPECT_STREQ(TVMFFIErrorGetCellPtr(error)->kind.data, "MemoryError");
  TVMFFIObjectDecRef(error);
}

TEST(Allocator, NullRestoresTheBuiltinOne) {
  TVMFFICustomAllocator* builtin = TVMFFIGetCustomAllocator();
  TVMFFICustomAllocator own = *builtin;
  EXPECT_EQ(TVMFFISetCustomAllocator(&own), 0);
  EXPECT_EQ(TVMFFIGetCustomAllocator(), &own);
  EXPECT_EQ(TVMFFISetCustomAllocator(nullptr), 0);
  EXPECT_EQ(TVMFFIGetCustomAllocator(), builtin);
}

}  // namespace
}  // namespace kiln
