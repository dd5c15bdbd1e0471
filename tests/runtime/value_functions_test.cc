#include <string>

#include <gtest/gtest.h>

#include <kiln/registry.h>

namespace kiln {
namespace {

template <typename... Args>
std::string KindOfFailure(const char* function, const Args&... args) {
  try {
    GlobalFunction::Get(function)(args...);
  } catch (const Error& error) {
    return std::string(error.kind());
  }
  return "";
}

TEST(ValueFunctions, StringAndBytesGiveWhatTheyGet) {
  const Function string = GlobalFunction::Get("ffi.String");
  EXPECT_EQ(string("short").cast<std::string>(), "short");
  EXPECT_EQ(string("a text of some length").type_index(), kTVMFFIStr);
  const Function bytes = GlobalFunction::Get("ffi.Bytes");
  EXPECT_EQ(bytes(Bytes(std::string_view("a\0b", 3))).cast<Bytes>().size(), 3u);
  EXPECT_EQ(KindOfFailure("ffi.String", 1), "TypeError");
  EXPECT_EQ(KindOfFailure("ffi.String", Bytes(std::string_view("b"))), "TypeError");
  EXPECT_EQ(KindOfFailure("ffi.String", "a", "b"), "TypeError");
  EXPECT_EQ(KindOfFailure("ffi.Bytes", "a"), "TypeError");
  EXPECT_EQ(KindOfFailure("ffi.Bytes"), "TypeError");
}

TEST(ValueFunctions, ShapeHoldsItsExtents) {
  const Function shape = GlobalFunction::Get("ffi.Shape");
  const Any any = shape(2, -1, true);
  ASSERT_EQ(any.type_index(), kTVMFFIShape);
  const TVMFFIShapeCell* cell = TVMFFIShapeGetCellPtr(any.raw().v_obj);
  ASSERT_EQ(cell->size, 3u);
  EXPECT_EQ(cell->data[0], 2);
  EXPECT_EQ(cell->data[1], -1);
  EXPECT_EQ(cell->data[2], 1);
  const Any scalar = shape();
  EXPECT_EQ(TVMFFIShapeGetCellPtr(scalar.raw().v_obj)->size, 0u);
  EXPECT_EQ(KindOfFailure("ffi.Shape", "a"), "ValueError");
  EXPECT_EQ(KindOfFailure("ffi.Shape", 1, 1.5), "ValueError");
}

int AddToSelf(void* self, const TVMFFIAny* args, int32_t, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = *static_cast<int64_t*>(self) + args[0].v_int64;
  return 0;
}

TEST(ValueFunctions, FunctionFromExternCCallsAndDeletes) {
  int64_t self = 40;
  {
    const auto deleter = [](void* value) { *static_cast<int64_t*>(value) = 0; };
    const Function function = GlobalFunction::Get("ffi.FunctionFromExternC")(
                                  static_cast<void*>(&self), reinterpret_cast<void*>(&AddToSelf),
                                  reinterpret_cast<void*>(static_cast<void (*)(void*)>(deleter)))
                                  .cast<Function>();
    EXPECT_EQ(function(2).cast<int64_t>(), 42);
    EXPECT_EQ(self, 40);
  }
  EXPECT_EQ(self, 0);
  EXPECT_EQ(KindOfFailure("ffi.FunctionFromExternC", nullptr, nullptr, nullptr), "ValueError");
  EXPECT_EQ(KindOfFailure("ffi.FunctionFromExternC", nullptr), "TypeError");
}

TEST(ValueFunctions, KeywordsAreMarkedByOneObject) {
  const Function keywords = GlobalFunction::Get("ffi.GetKwargsObject");
  const auto mark = keywords().cast<ObjectRef>();
  ASSERT_TRUE(mark.defined());
  EXPECT_TRUE(keywords().cast<ObjectRef>().same_as(mark));
  EXPECT_FALSE(GlobalFunction::Get("ffi.GetInvalidObject")().cast<ObjectRef>().same_as(mark));
}

}  // namespace
}  // namespace kiln
