// Where compiled code writes down that it was here.
#ifndef KILN_TESTS_JIT_LINK_EVENT_LOG_H_
#define KILN_TESTS_JIT_LINK_EVENT_LOG_H_

#include <string>

namespace kiln::jit {

// What code has written by `void kiln_test_log(char)`, of C linkage. Of this process, and for one
// thread at a time.
std::string& Log();

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_LINK_EVENT_LOG_H_
