#include "jit/device/launch_object.h"

#include <gtest/gtest.h>

#include "kiln/array.h"
#include "kiln/map.h"
#include "kiln/registry.h"

namespace kiln::jit {
namespace {

const Function& MakeLaunch() {
  static const auto* const function = [] {
    RegisterLaunch();
    return new Function(GlobalFunction::Get("kiln.jit.launch"));
  }();
  return *function;
}

// "kind: message" of what a call throws, "" where it throws nothing.
template <typename... Args>
std::string ThrownBy(const Args&... args) {
  try {
    MakeLaunch()(args...);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(LaunchObject, PairsOfOptionAndValueMakeOne) {
  int stream = 0;
  const Any made =
      MakeLaunch()("grid", 64, "block", Shape{16, 8}, "smem", 1024, "cooperative", true, "stream",
                   static_cast<void*>(&stream), "cluster", Array<int64_t>{2});
  const auto launch = made.cast<Launch>();
  LaunchPlan plan;
  Apply(*launch.get(), &plan);
  EXPECT_EQ(plan.grid, (Dim3{64, 1, 1}));
  EXPECT_EQ(plan.block, (Dim3{16, 8, 1}));
  EXPECT_EQ(plan.cluster, (Dim3{2, 1, 1}));
  EXPECT_EQ(plan.shared_bytes, 1024U);
  EXPECT_TRUE(plan.cooperative);
  EXPECT_EQ(launch->stream, &stream);
}

TEST(LaunchObject, MapMakesOne) {
  const Map<String, Any> options = {{"block", Any(Array<int64_t>{1, 2, 3})}, {"stream", Any()}};
  const auto launch = MakeLaunch()(options).cast<Launch>();
  EXPECT_EQ(launch->block, (Shape{1, 2, 3}));
  EXPECT_EQ(launch->stream, nullptr);
}

TEST(LaunchObject, WhatItDoesNotSayStaysAsPlanned) {
  LaunchPlan plan = *ParseLaunchPlan("grid=2 block=4 smem=8");
  Apply(*MakeLaunch()("block", 32).cast<Launch>().get(), &plan);
  EXPECT_EQ(plan.grid, (Dim3{2, 1, 1}));
  EXPECT_EQ(plan.block, (Dim3{32, 1, 1}));
  EXPECT_EQ(plan.shared_bytes, 8U);
}

TEST(LaunchObject, AddressOfAStreamMayBeAnInt) {
  EXPECT_EQ(MakeLaunch()("stream", 4096).cast<Launch>()->stream, reinterpret_cast<void*>(4096));
}

TEST(LaunchObject, TypeIsKnownToTheRuntimeWithItsFields) {
  const Any made = MakeLaunch()("smem", 5);
  const TVMFFITypeInfo* const type = TVMFFIGetTypeInfo(made.type_index());
  EXPECT_EQ(std::string(type->type_key.data, type->type_key.size), "kiln.jit.Launch");
  EXPECT_EQ(type->num_fields, 6);
}

TEST(LaunchObject, WrongArgumentsAreNamed) {
  EXPECT_EQ(ThrownBy("gird", 1),
            "KeyError: launch has no option 'gird'; did you mean 'grid'? It has grid, block, "
            "cluster, smem, stream, cooperative");
  EXPECT_EQ(ThrownBy("grid", "64"),
            "TypeError: launch: grid must be an int or an array of one to three ints, got "
            "const char*");
  EXPECT_EQ(ThrownBy("grid", Shape{1, 2, 3, 4}),
            "ValueError: launch: grid must have one to three extents, got 4");
  EXPECT_EQ(ThrownBy("block", 0),
            "ValueError: launch: block must be at least 1 and at most 2147483647 in each "
            "dimension, got 0");
  EXPECT_EQ(ThrownBy("smem", -1), "ValueError: launch: smem must be 0..2147483647 bytes, got -1");
  EXPECT_EQ(ThrownBy("cooperative", 2.5),
            "TypeError: launch: cooperative must be a bool, got float");
  EXPECT_EQ(ThrownBy("stream", 1.5),
            "TypeError: launch: stream must be the address of a stream, as int or opaque pointer, "
            "or None, got float");
  EXPECT_EQ(ThrownBy("grid"),
            "TypeError: kiln.jit.launch takes a map of options, or pairs of option and value, got "
            "1 arguments");
  EXPECT_EQ(ThrownBy(1, 2), "TypeError: launch: the name of an option must be a str, got int 1");
}

}  // namespace
}  // namespace kiln::jit
