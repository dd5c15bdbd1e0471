#ifndef KILN_TESTS_JIT_DEVICE_STANDIN_IMAGE_H_
#define KILN_TESTS_JIT_DEVICE_STANDIN_IMAGE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

// What a driver has to know of a cubin or of PTX, read from its bytes.
namespace standin {

struct Parameter {
  size_t offset = 0;  // in the kernel's parameter space
  size_t size = 0;
};

struct ImageKernel {
  std::vector<Parameter> parameters;
  size_t parameter_bytes = 0;
  unsigned max_threads = 1024;  // by launch bounds
  unsigned cluster[3] = {0, 0, 0};
  size_t static_shared = 0;
};

struct Image {
  int architecture = 0;
  bool is_ptx = false;
  std::map<std::string, ImageKernel> kernels;
  std::map<std::string, size_t> variables;  // name and size
};

// The image that starts at `code`: an ELF file of NVIDIA's machine with all that its headers refer
// to, or zero-terminated PTX. Nothing where it is neither, or where its parts contradict each
// other.
std::optional<Image> ReadImage(const char* code);

}  // namespace standin

#endif  // KILN_TESTS_JIT_DEVICE_STANDIN_IMAGE_H_
