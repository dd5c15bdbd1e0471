#ifndef KILN_JIT_SANDBOX_SYSTEM_CALLS_H_
#define KILN_JIT_SANDBOX_SYSTEM_CALLS_H_

#include <cstdint>
#include <string>

namespace kiln::jit {

// The name of a system call of x86-64: "openat". "number 500" where it has none here.
std::string SystemCallName(int64_t number);

// What code wants by it, for messages: "opens files", "uses the network". Empty where there is no
// short word for it.
std::string SystemCallPurpose(int64_t number);

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_SYSTEM_CALLS_H_
