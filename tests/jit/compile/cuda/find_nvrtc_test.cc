#include "jit/compile/cuda/find_nvrtc.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jit/compile/cuda/nvrtc.h"
#include "tests/jit/artifact/thrown.h"

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::StartsWith;

// An empty folder, and an environment that names no CUDA.
class FindNvrtcTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("kiln_nvrtc_" + std::to_string(getpid()));
    fs::create_directories(folder_);
    for (const char* name : {"KILN_NVRTC", "CUDA_HOME", "CUDA_PATH", "VIRTUAL_ENV"}) unsetenv(name);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Folder(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

size_t IndexOf(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

TEST_F(FindNvrtcTest, TakesTheLibraryThatTheVariableNames) {
  setenv("KILN_NVRTC", KILN_NVRTC_12, 1);
  const NvrtcSearch found = FindNvrtc();
  EXPECT_EQ(found.major, 12);
  EXPECT_EQ(found.looked_at, std::vector<std::string>{KILN_NVRTC_12});
  EXPECT_TRUE(fs::equivalent(found.path, KILN_NVRTC_12));

  setenv("KILN_NVRTC", KILN_NVRTC_13, 1);
  EXPECT_EQ(FindNvrtc().major, 13);
}

TEST_F(FindNvrtcTest, TakesNoOtherThanTheVariableNames) {
  setenv("KILN_NVRTC", "/no/such/libnvrtc.so", 1);
  EXPECT_EQ(FindNvrtc().handle, nullptr);
  const Thrown error = ThrownBy([] { OpenNvrtc(); });
  EXPECT_EQ(error.kind, "RuntimeError");
  EXPECT_THAT(error.message, HasSubstr("$KILN_NVRTC names '/no/such/libnvrtc.so'"));
}

TEST_F(FindNvrtcTest, SaysWhyAFileIsNoNvrtc) {
  std::ofstream(Folder("text.so")) << "no library";
  setenv("KILN_NVRTC", Folder("text.so").c_str(), 1);
  EXPECT_THAT(FindNvrtc().looked_at.at(0), HasSubstr("text.so ("));
  setenv("KILN_NVRTC", "libm.so.6", 1);
  EXPECT_EQ(FindNvrtc().looked_at.at(0), "libm.so.6 (has no nvrtcVersion: it is not NVRTC)");
}

TEST_F(FindNvrtcTest, TakesOneThatIsLoadedAlready) {
  ASSERT_NE(dlopen(KILN_NVRTC_12, RTLD_NOW | RTLD_LOCAL), nullptr);
  const NvrtcSearch found = FindNvrtc();
  EXPECT_EQ(found.major, 12);
  EXPECT_TRUE(fs::equivalent(found.path, KILN_NVRTC_12));
}

TEST_F(FindNvrtcTest, LooksInTheLoadersPathThenToolkitsThenWheels) {
  fs::create_directories(Folder("venv/lib/python3.11/site-packages/nvidia/cu13/lib"));
  fs::create_directories(Folder("site/nvidia/cu13/lib"));
  setenv("CUDA_HOME", Folder("home").c_str(), 1);
  setenv("CUDA_PATH", Folder("path").c_str(), 1);
  setenv("VIRTUAL_ENV", Folder("venv").c_str(), 1);
  const std::vector<std::string> names = NvrtcCandidates(Folder("site"));
  const std::string venv = Folder("venv/lib/python3.11/site-packages/nvidia/");
  size_t last = 0;
  for (const std::string& name :
       {std::string("libnvrtc.so.13"), std::string("libnvrtc.so.12"),
        Folder("home/lib64/libnvrtc.so.13"), Folder("home/lib/libnvrtc.so.12"),
        Folder("path/lib64/libnvrtc.so.12"), venv + "cu13/lib/libnvrtc.so.13",
        venv + "cuda_nvrtc/lib/libnvrtc.so.12", Folder("site/nvidia/cu13/lib/libnvrtc.so.13"),
        Folder("site/nvidia/cuda_nvrtc/lib/libnvrtc.so.12")}) {
    const size_t index = IndexOf(names, name);
    ASSERT_LT(index, names.size()) << name;
    EXPECT_GE(index, last) << name;
    last = index;
  }
}

TEST_F(FindNvrtcTest, KeepsWhatItFound) {
  fs::create_directories(folder_);
  const std::string link = Folder("libnvrtc.so.12");
  fs::create_symlink(KILN_NVRTC_12, link);
  setenv("KILN_NVRTC", link.c_str(), 1);
  const NvrtcSearch first = FindNvrtc();
  ASSERT_NE(first.handle, nullptr);
  fs::remove(link);
  EXPECT_EQ(FindNvrtc().handle, first.handle);
  EXPECT_EQ(&OpenNvrtc(), &OpenNvrtc());
}

TEST_F(FindNvrtcTest, FindsALibraryThatIsInstalledLater) {
  const std::string link = Folder("libnvrtc.so.13");
  setenv("KILN_NVRTC", link.c_str(), 1);
  EXPECT_EQ(FindNvrtc().handle, nullptr);
  fs::create_symlink(KILN_NVRTC_13, link);
  EXPECT_EQ(FindNvrtc().major, 13);
}

TEST_F(FindNvrtcTest, OpensOneBeneathALinkThatCompiles) {
  const std::string link = Folder("libnvrtc.so.12");
  fs::create_symlink(KILN_NVRTC_12, link);
  setenv("KILN_NVRTC", link.c_str(), 1);
  NvrtcProgram program(OpenNvrtc(), "k.cu", "__global__ void k(int* x) { x[0] = 1; }", {});
  EXPECT_EQ(program.Compile({"-arch=sm_90"}), NvrtcProgram::kSuccess);
  EXPECT_FALSE(program.Cubin().empty());
}

TEST_F(FindNvrtcTest, ListsEveryPlaceWhereThereIsNone) {
  NvrtcSearch search;
  search.looked_at = {"libnvrtc.so.13", "/a/lib64/libnvrtc.so.13"};
  const std::string message = MissingNvrtc(search);
  EXPECT_THAT(message, HasSubstr("pip install nvidia-cuda-nvrtc`"));
  EXPECT_THAT(message, HasSubstr("pip install nvidia-cuda-nvrtc-cu12`"));
  EXPECT_THAT(message, HasSubstr("\n  libnvrtc.so.13\n  /a/lib64/libnvrtc.so.13"));
}

TEST_F(FindNvrtcTest, TellsVersionAndArchitectures) {
  setenv("KILN_NVRTC", KILN_NVRTC_12, 1);
  const Nvrtc& nvrtc = OpenNvrtc();
  EXPECT_THAT(nvrtc.Version(), StartsWith("12."));
  EXPECT_TRUE(nvrtc.IsAtLeast(12, 0));
  EXPECT_FALSE(nvrtc.IsAtLeast(13, 0));
  EXPECT_THAT(nvrtc.architectures(), testing::Contains(90));
  EXPECT_TRUE(std::is_sorted(nvrtc.architectures().begin(), nvrtc.architectures().end()));
}

}  // namespace
}  // namespace kiln::jit
