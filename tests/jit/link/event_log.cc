#include "tests/jit/link/event_log.h"

namespace kiln::jit {

std::string& Log() {
  static std::string log;
  return log;
}

}  // namespace kiln::jit

extern "C" __attribute__((visibility("default"))) void kiln_test_log(char c) {
  kiln::jit::Log() += c;
}
