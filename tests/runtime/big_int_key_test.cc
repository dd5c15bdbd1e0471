#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/dict.h>
#include <kiln/hash.h>
#include <kiln/registry.h>

namespace kiln {
namespace {

Any BigInt(const std::vector<int64_t>& words) {
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words.data()), words.size() * 8};
  Any any;
  CheckCall(TVMFFIBigIntFromByteArray(&bytes, any.out()));
  return any;
}

TEST(BigIntKey, IsComparedByValue) {
  const Any big = BigInt({1, 2});
  ASSERT_EQ(big.type_index(), kTVMFFIBigInt);
  EXPECT_TRUE(AnyEqual(big, BigInt({1, 2})));
  EXPECT_EQ(AnyHash(big), AnyHash(BigInt({1, 2})));
  for (const Any& other : {BigInt({1, 3}), BigInt({2, 2}), BigInt({1, 2, 3}), Any(1)}) {
    EXPECT_FALSE(AnyEqual(big, other));
  }
}

TEST(BigIntKey, FindsItsEntryInTablesOfEverySize) {
  for (const int64_t size : {1, 4, 100}) {
    Dict<Any, Any> dict;
    for (int64_t i = 0; i < size; ++i) dict.Set(BigInt({i, 1}), Any(i));
    for (int64_t i = 0; i < size; ++i) {
      const Any found = GlobalFunction::Get("ffi.DictGetItem")(dict, BigInt({i, 1}));
      EXPECT_EQ(found.cast<int64_t>(), i);
    }
    EXPECT_EQ(GlobalFunction::Get("ffi.DictCount")(dict, BigInt({size, 1})).cast<int>(), 0);
  }
}

}  // namespace
}  // namespace kiln
