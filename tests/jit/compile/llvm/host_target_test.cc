#include "jit/compile/llvm/host_target.h"

#include <gtest/gtest.h>

#include "tests/jit/artifact/thrown.h"

namespace kiln::jit {
namespace {

Thrown ResolveThrows(std::string cpu, std::string features) {
  CompileOptions options;
  options.cpu = std::move(cpu);
  options.features = std::move(features);
  return ThrownBy([&] { ResolveTarget(options); });
}

TEST(HostTarget, IsWhatNativeMeans) {
  EXPECT_EQ(ResolveTarget(CompileOptions()), HostTarget());
  EXPECT_NE(HostTarget().cpu, "");
  EXPECT_TRUE(Contains(HostTarget().features, "+sse2"));
  EXPECT_FALSE(Contains(HostTarget().features, "avx10"));
}

TEST(ResolveTarget, NamesTheFeaturesThatACpuImplies) {
  CompileOptions options;
  options.cpu = "x86-64-v3";
  const TargetSpec target = ResolveTarget(options);
  EXPECT_EQ(target.cpu, "x86-64-v3");
  EXPECT_TRUE(Contains(target.features, "+avx2"));
  EXPECT_TRUE(Contains(target.features, "+fma"));
  EXPECT_FALSE(Contains(target.features, "avx512"));
}

TEST(ResolveTarget, FeaturesBringAlongWhatTheyNeedAndTakeAlongWhatNeedsThem) {
  CompileOptions options;
  options.cpu = "x86-64";
  options.features = "+avx2";
  EXPECT_TRUE(Contains(ResolveTarget(options).features, "+avx,"));
  options.cpu = "x86-64-v4";
  options.features = "-avx";
  EXPECT_TRUE(Contains(ResolveTarget(options).features, "-avx512f"));
}

TEST(ResolveTarget, GenericIsAnyX86) {
  CompileOptions generic;
  generic.cpu = "generic";
  CompileOptions any;
  any.cpu = "x86-64";
  EXPECT_EQ(ResolveTarget(generic), ResolveTarget(any));
}

TEST(ResolveTarget, NamesTheNearestCpu) {
  const Thrown thrown = ResolveThrows("skylak", "");
  EXPECT_EQ(thrown.kind, "ValueError");
  EXPECT_EQ(
      thrown.message,
      "cpu must be 'native', 'generic' or an x86-64 CPU that LLVM knows, such as 'x86-64-v3' or "
      "'skylake', got 'skylak'; did you mean 'skylake'?");
  EXPECT_EQ(ResolveThrows("", "").kind, "ValueError");
  EXPECT_EQ(ResolveThrows("i386", "").kind, "ValueError");
}

TEST(ResolveTarget, NamesTheNearestFeature) {
  EXPECT_EQ(ResolveThrows("native", "+avx2,+avx512g").message,
            "unknown CPU feature 'avx512g' in features; did you mean 'avx512f'?");
  EXPECT_EQ(ResolveThrows("native", "avx2").kind, "ValueError");
  EXPECT_EQ(ResolveThrows("native", "+avx2,,+fma").kind, "ValueError");
  EXPECT_EQ(ResolveThrows("native", "+").kind, "ValueError");
}

TEST(SplitFeatures, TakesAListApart) {
  EXPECT_EQ(SplitFeatures("+avx2,-fma"), (std::vector<std::string>{"+avx2", "-fma"}));
  EXPECT_TRUE(SplitFeatures("").empty());
}

}  // namespace
}  // namespace kiln::jit
