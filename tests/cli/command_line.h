#ifndef KILN_TESTS_CLI_COMMAND_LINE_H_
#define KILN_TESTS_CLI_COMMAND_LINE_H_

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::testing {

// How a run of the command ended.
struct Ended {
  int status;  // the exit status; -1 where a signal ended it
  std::string out;
  std::string err;
};

// A test that runs `kiln` in a folder of its own, which is removed afterwards.
class CommandTest : public ::testing::Test {
 protected:
  CommandTest();
  ~CommandTest() override;

  std::string PathOf(std::string_view file) const;
  void Write(std::string_view file, std::string_view text) const;

  // Runs `kiln words...` there. `environment` comes before it, as in a shell: "NAME=value".
  Ended Kiln(const std::vector<std::string>& words, const std::string& environment = "") const;
  // Runs a shell command there.
  Ended Shell(const std::string& command) const;

 private:
  std::string folder_;
};

// add_one(x, y): y[i] = x[i] + 1 for float32 vectors. echo(value): the value itself.
// fail(): raises ValueError.
extern const std::string_view kKernels;

}  // namespace kiln::testing

#endif  // KILN_TESTS_CLI_COMMAND_LINE_H_
