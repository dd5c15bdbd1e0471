#ifndef KILN_TESTS_JIT_DEVICE_CUBIN_WRITER_H_
#define KILN_TESTS_JIT_DEVICE_CUBIN_WRITER_H_

#include <cstddef>
#include <string>
#include <vector>

namespace kiln::jit {

struct CubinKernel {
  std::string name;
  std::vector<size_t> parameters;  // their sizes; each is aligned to its own, up to 8
  unsigned max_threads = 0;        // launch bounds; 0 for none
  size_t static_shared = 0;
};

struct CubinVariable {
  std::string name;
  size_t size = 0;
};

// A cubin as far as a driver reads it: what NVRTC writes, without instructions. So tests need no
// compiler, and may have code for any architecture.
std::string WriteCubin(int architecture, const std::vector<CubinKernel>& kernels,
                       const std::vector<CubinVariable>& variables = {});

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_DEVICE_CUBIN_WRITER_H_
