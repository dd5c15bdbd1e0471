// References, counts and weak pointers.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/make_object.h>
#include <kiln/object.h>

#include "tests/abi/cpp/counted.h"

namespace kiln::testing {
namespace {

uint64_t CountWord(const ObjectRef& ref) { return ref.handle()->combined_ref_count; }

TEST(Object, StartsWithItsHeader) {
  Lives lives;
  const Counted ref(&lives);
  const TVMFFIObject* header = ref.handle();
  EXPECT_EQ(static_cast<const void*>(header), static_cast<const void*>(ref.get()));
  EXPECT_EQ(header->type_index, kTVMFFIObject);
  EXPECT_EQ(header->combined_ref_count, (uint64_t{1} << 32) | 1);
  EXPECT_NE(header->deleter, nullptr);
}

TEST(Object, IsDestroyedOnceByTheLastReference) {
  Lives lives;
  {
    const Counted first(&lives);
    {
      const Counted second = first;
    }
    EXPECT_EQ(lives.destroyed, 0);
  }
  EXPECT_EQ(lives.made, 1);
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Object, CountsAreThoseThatTheRuntimeKeeps) {
  Lives lives;
  Counted ref(&lives);
  ASSERT_EQ(TVMFFIObjectIncRef(ref.handle()), 0);
  EXPECT_EQ(ref.use_count(), 2u);
  TVMFFIObject* handle = ref.release_handle();
  ASSERT_EQ(TVMFFIObjectDecRef(handle), 0);
  EXPECT_EQ(lives.destroyed, 0);
  ASSERT_EQ(TVMFFIObjectDecRef(handle), 0);
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Object, AThrowingConstructorLeaksNothing) {
  Lives lives;
  struct ThrowingObj : Object {
    explicit ThrowingObj(Lives* lives) : member(lives) { throw std::runtime_error("no"); }
    Counted member;
  };
  EXPECT_THROW(MakeObject<ThrowingObj>(&lives), std::runtime_error);
  EXPECT_EQ(lives.made, 1);
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Object, TheTailLiesRightBehindTheObject) {
  Lives lives;
  const auto ptr = MakeObjectWithTail<CountedObj>(1000, &lives, 7);
  std::memset(static_cast<void*>(ptr.get() + 1), 0x5a, 1000);
  EXPECT_EQ(ptr->value, 7);
  EXPECT_EQ(reinterpret_cast<const unsigned char*>(ptr.get() + 1)[999], 0x5a);
}

TEST(Object, AnOverAlignedClassIsAligned) {
  struct alignas(128) WideObj : Object {
    char bytes[128];
  };
  for (int i = 0; i < 8; ++i) {
    const auto ptr = MakeObject<WideObj>();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(ptr.get()) % 128, 0u);
  }
}

TEST(Object, AnOverAlignedClassIsAlignedByWhateverAllocator) {
  struct alignas(128) WideObj : Object {};
  struct Prefix {
    uint64_t unused;
    TVMFFIObjectAllocHeader header;
  };
  static int alive = 0;
  TVMFFICustomAllocator careless{
      [](size_t size, size_t, int32_t, void*) -> void* {
        ++alive;
        // The body lies 16 bytes behind a multiple of 128.
        const size_t block_size = (sizeof(Prefix) + size + 127) / 128 * 128;
        auto* prefix = static_cast<Prefix*>(std::aligned_alloc(128, block_size));
        prefix->header.delete_space = [](void* body) {
          --alive;
          std::free(static_cast<Prefix*>(body) - 1);
        };
        return prefix + 1;
      },
      nullptr};
  TVMFFISetCustomAllocator(&careless);
  {
    const auto ptr = MakeObject<WideObj>();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(ptr.get()) % 128, 0u);
  }
  TVMFFISetCustomAllocator(nullptr);
  EXPECT_EQ(alive, 0);
}

TEST(ObjectRef, IsNullWhenDefaultMade) {
  const ObjectRef null;
  EXPECT_FALSE(null.defined());
  EXPECT_EQ(null.handle(), nullptr);
  EXPECT_EQ(null.type_index(), kTVMFFINone);
  EXPECT_EQ(null.use_count(), 0u);
}

TEST(ObjectRef, ACopyAddsOneStrongCount) {
  Lives lives;
  const Counted ref(&lives);
  const Counted copy = ref;
  EXPECT_EQ(ref.use_count(), 2u);
  EXPECT_TRUE(copy.same_as(ref));
  EXPECT_EQ(CountWord(ref) >> 32, 1u);
}

TEST(ObjectRef, AMoveTakesTheCountAndLeavesNull) {
  Lives lives;
  Counted ref(&lives);
  const Counted moved = std::move(ref);
  EXPECT_EQ(moved.use_count(), 1u);
  EXPECT_FALSE(ref.defined());  // NOLINT(bugprone-use-after-move)
}

TEST(ObjectRef, AssigningItToItselfKeepsTheObject) {
  Lives lives;
  Counted ref(&lives);
  Counted& same = ref;
  ref = same;
  EXPECT_EQ(ref.use_count(), 1u);
  ref = std::move(same);
  EXPECT_EQ(ref.use_count(), 1u);
  EXPECT_EQ(lives.destroyed, 0);
}

TEST(ObjectRef, AssigningReleasesWhatWasThere) {
  Lives first;
  Lives second;
  Counted ref(&first);
  ref = Counted(&second);
  EXPECT_EQ(first.destroyed, 1);
  EXPECT_EQ(second.alive(), 1);
}

TEST(ObjectRef, ANullOfADerivedClassStaysNull) {
  const Counted null;
  EXPECT_EQ(null.get(), nullptr);
  const ObjectRef base = null;
  EXPECT_FALSE(base.defined());
}

TEST(ObjectPtr, AdoptTakesTheCountAndShareAddsOne) {
  Lives lives;
  auto ptr = MakeObject<CountedObj>(&lives);
  CountedObj* raw = ptr.release();
  EXPECT_FALSE(ptr);
  const auto shared = ObjectPtr<CountedObj>::Share(raw);
  EXPECT_EQ(raw->use_count(), 2u);
  {
    const auto adopted = ObjectPtr<CountedObj>::Adopt(raw);
  }
  EXPECT_EQ(raw->use_count(), 1u);
}

TEST(ObjectPtr, HandlesGoBothWays) {
  Lives lives;
  auto ptr = MakeObject<CountedObj>(&lives, 3);
  TVMFFIObjectHandle handle = ptr.release_handle();
  const auto back = ObjectPtr<CountedObj>::AdoptHandle(handle);
  EXPECT_EQ(back->value, 3);
  EXPECT_EQ(back->use_count(), 1u);
  EXPECT_FALSE(ObjectPtr<CountedObj>::ShareHandle(nullptr));
}

TEST(ObjectPtr, ConvertsToItsBaseAndNotBack) {
  static_assert(std::is_convertible_v<ObjectPtr<CountedObj>, ObjectPtr<Object>>);
  static_assert(!std::is_convertible_v<ObjectPtr<Object>, ObjectPtr<CountedObj>>);
  Lives lives;
  auto derived = MakeObject<CountedObj>(&lives);
  const ObjectPtr<Object> base = std::move(derived);
  EXPECT_EQ(base->use_count(), 1u);
}

TEST(WeakPtr, GivesAStrongPointerWhileTheObjectLives) {
  Lives lives;
  const auto strong = MakeObject<CountedObj>(&lives, 5);
  const WeakPtr<CountedObj> weak(strong);
  EXPECT_EQ(strong->use_count(), 1u);
  const auto locked = weak.lock();
  ASSERT_TRUE(locked);
  EXPECT_EQ(locked->value, 5);
  EXPECT_EQ(strong->use_count(), 2u);
}

TEST(WeakPtr, GivesNullOnceTheObjectIsDestroyed) {
  Lives lives;
  auto strong = MakeObject<CountedObj>(&lives);
  const WeakPtr<CountedObj> weak(strong);
  strong = nullptr;
  EXPECT_EQ(lives.destroyed, 1);
  EXPECT_FALSE(weak.lock());
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(WeakPtr, EachCopyKeepsTheMemoryUntilTheLastGoes) {
  Lives lives;
  auto strong = MakeObject<CountedObj>(&lives);
  const TVMFFIObject* header = strong.header();
  WeakPtr<CountedObj> first(strong);
  {
    WeakPtr<CountedObj> second = first;
    EXPECT_EQ(header->combined_ref_count, (uint64_t{3} << 32) | 1);
    strong = nullptr;
    EXPECT_EQ(header->combined_ref_count, uint64_t{2} << 32);
    first = std::move(second);
  }
  EXPECT_EQ(header->combined_ref_count, uint64_t{1} << 32);
  WeakPtr<CountedObj>& same = first;
  first = same;
  EXPECT_EQ(header->combined_ref_count, uint64_t{1} << 32);
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(WeakPtr, ANullOneLocksToNull) {
  EXPECT_FALSE(WeakPtr<CountedObj>().lock());
  EXPECT_FALSE(WeakPtr<CountedObj>(ObjectPtr<CountedObj>()).lock());
}

}  // namespace
}  // namespace kiln::testing
