#include "jit/link/cpu_features.h"

#include <gtest/gtest.h>

#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {
namespace {

TEST(MissingCpuFeatures, ThisMachineHasItsOwn) {
  EXPECT_TRUE(MissingCpuFeatures(HostTarget().features).empty());
  EXPECT_TRUE(MissingCpuFeatures("").empty());
}

TEST(MissingCpuFeatures, NamesWhatIsOnAndNotThere) {
  EXPECT_EQ(MissingCpuFeatures("+sse2,+avx1024,-avx2048,+fma9"),
            (std::vector<std::string>{"avx1024", "fma9"}));
}

TEST(MissingCpuFeatures, LeavesOutWhatCodeGeneratorsDoNotUseUnasked) {
  EXPECT_TRUE(MissingCpuFeatures("+sgx9,+made-up,+64bit").empty());
}

}  // namespace
}  // namespace kiln::jit
