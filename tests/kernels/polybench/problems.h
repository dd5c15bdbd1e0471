// The kernels of this folder with arguments to call them on: the same values in every run.
#ifndef KILN_TESTS_KERNELS_POLYBENCH_PROBLEMS_H_
#define KILN_TESTS_KERNELS_POLYBENCH_PROBLEMS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kiln/any.h"
#include "kiln/function.h"
#include "kiln/module.h"

namespace kiln::testing {

// The arguments of a kernel, in order: integers, floats, and tensors that it reads and writes.
using Arguments = std::vector<Any>;

struct Problem {
  std::string name;                       // of the function, and of its file without the suffix
  int64_t small;                          // a size that runs in a moment, and is no round number
  int64_t large;                          // a size that runs for some milliseconds
  Arguments (*make)(int64_t size);        // fresh arguments
  void (*call)(void*, const Arguments&);  // calls a C function of the kernel's signature

  // "gemm.c"
  std::string file() const { return name + ".c"; }
};

std::span<const Problem> Problems();

// Calls a function of the ABI.
void Call(const Function& function, const Arguments& arguments);

// Copies the elements of the tensors among the arguments; both lists are of one problem and size.
void CopyTensors(const Arguments& from, const Arguments& to);

// The bytes of all tensors among the arguments.
std::string BytesOf(const Arguments& arguments);

// The kernel's source in C, which is C++ too.
std::string SourceOf(const Problem& problem);

// The text of "polybench.h", which the sources include.
std::string HeaderText();

// The kernel's text of LLVM IR, which Clang made at -O1 or -O2.
std::string IrOf(const Problem& problem, int opt_level);

// A library with all kernels that a compiler of this machine made ahead of time:
// "gcc.O2" and "clang.O2" without contraction of a*b+c, "clang.contract.O2" with Clang's own,
// "gcc.O3" and "clang.O3" as the compilers do by themselves. All for this CPU.
class AotKernels {
 public:
  explicit AotKernels(const std::string& build);
  ~AotKernels();
  AotKernels(const AotKernels&) = delete;
  AotKernels& operator=(const AotKernels&) = delete;

  // The C function of that name.
  void* Find(const std::string& name) const;

 private:
  void* library_;
};

}  // namespace kiln::testing

#endif  // KILN_TESTS_KERNELS_POLYBENCH_PROBLEMS_H_
