#include "jit/compile/cuda/python_folders.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::IsEmpty;

// A tree of folders that look like Pythons.
class PythonFolders : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("kiln_python_" + std::to_string(getpid()));
    for (const char* folder :
         {"venv/bin", "venv/lib/python3.11/site-packages", "base/bin",
          "base/lib/python3.11/site-packages", "debian/lib/python3/dist-packages",
          "home/.local/lib/python3.11/site-packages", "extra/site-packages"}) {
      fs::create_directories(root_ / folder);
    }
    fs::create_symlink(root_ / "base/bin/python3.11", root_ / "venv/bin/python");
    Touch("base/bin/python3.11");
  }
  void TearDown() override { fs::remove_all(root_); }

  void Touch(const std::string& name) const { fclose(fopen(Path(name).c_str(), "w")); }
  std::string Path(const std::string& name) const { return (root_ / name).string(); }

  fs::path root_;
};

TEST_F(PythonFolders, AreNoneInAProgramThatIsNotPython) {
  ProcessView process;
  process.executable = "/usr/bin/kiln";
  process.command = "kiln";
  process.home = Path("home");
  process.mapped_files = {"/usr/lib/libc.so.6"};
  EXPECT_THAT(RunningPythonFolders(process), IsEmpty());
}

TEST_F(PythonFolders, AreThoseOfTheVirtualEnvironmentThenOfTheInstallationThenOfTheUser) {
  ProcessView process;
  process.executable = Path("base/bin/python3.11");
  process.command = Path("venv/bin/python");
  process.home = Path("home");
  EXPECT_THAT(RunningPythonFolders(process),
              ElementsAre(Path("venv/lib/python3.11/site-packages"),
                          Path("base/lib/python3.11/site-packages"),
                          Path("home/.local/lib/python3.11/site-packages")));
}

TEST_F(PythonFolders, AreFoundForACommandWithoutFolder) {
  ProcessView process;
  process.executable = Path("base/bin/python3.11");
  process.command = "python";
  process.search_path = Path("nothing") + ":" + Path("venv/bin");
  EXPECT_THAT(RunningPythonFolders(process),
              ElementsAre(Path("venv/lib/python3.11/site-packages"),
                          Path("base/lib/python3.11/site-packages")));
}

TEST_F(PythonFolders, BeginWithThoseThatPackagesAreLoadedFrom) {
  ProcessView process;
  process.executable = "/usr/bin/embedder";
  process.mapped_files = {Path("debian/lib/libpython3.11.so.1.0"),
                          Path("extra/site-packages/numpy/core.so"),
                          Path("extra/site-packages/torch/lib/libtorch.so")};
  EXPECT_THAT(RunningPythonFolders(process),
              ElementsAre(Path("extra/site-packages"), Path("debian/lib/python3/dist-packages")));
}

TEST_F(PythonFolders, SeeTheFilesOfThisProcess) {
  const ProcessView process = ThisProcess();
  EXPECT_TRUE(process.executable.ends_with("_test")) << process.executable;
  EXPECT_FALSE(process.command.empty());
  EXPECT_THAT(process.mapped_files, testing::Contains(process.executable));
}

}  // namespace
}  // namespace kiln::jit
