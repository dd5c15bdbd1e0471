#include "jit/device/cuda/driver_api.h"

#include <dlfcn.h>

namespace kiln::jit::cuda {
namespace {

// The version whose functions are asked for: the first that has libraries (cuLibraryLoadData).
constexpr int kCudaVersion = 12000;

template <typename Function>
Function Symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

// How the driver hands out its functions. CUDA 12 asks for a place to say why one is missing.
class Lookup {
 public:
  explicit Lookup(void* library)
      : second_(Symbol<Second>(library, "cuGetProcAddress_v2")),
        first_(Symbol<First>(library, "cuGetProcAddress")) {}

  void* Find(const char* name) const {
    void* function = nullptr;
    int found = 0;
    if (second_ != nullptr && second_(name, &function, kCudaVersion, 0, &found) == 0) {
      return function;
    }
    if (second_ == nullptr && first_ != nullptr && first_(name, &function, kCudaVersion, 0) == 0) {
      return function;
    }
    return nullptr;
  }

 private:
  using First = int (*)(const char*, void**, int, uint64_t);
  using Second = int (*)(const char*, void**, int, uint64_t, int*);

  Second second_;
  First first_;
};

}  // namespace

std::string DriverApi::Bind(void* library) {
  const Lookup lookup(library);
  std::string missing;
// NOLINTBEGIN(bugprone-macro-parentheses): they are names
#define KILN_BIND(member, function, parameters)                        \
  member = reinterpret_cast<decltype(member)>(lookup.Find(#function)); \
  if (member == nullptr) missing += (missing.empty() ? "" : ", ") + std::string(#function);
  KILN_CUDA_DRIVER_FUNCTIONS(KILN_BIND)
#undef KILN_BIND
  // NOLINTEND(bugprone-macro-parentheses)
  return missing;
}

}  // namespace kiln::jit::cuda
