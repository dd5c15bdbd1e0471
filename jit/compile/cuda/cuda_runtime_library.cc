#include "jit/compile/cuda/cuda_runtime_library.h"

#include <filesystem>
#include <vector>

#include "jit/compile/cuda/cuda_folders.h"
#include "kiln/error.h"

namespace kiln::jit {

std::string CudaRuntimeLibrary() {
  std::vector<std::filesystem::path> folders;
  for (const std::filesystem::path& root : ToolkitFolders()) {
    folders.push_back(root / "lib64");
    folders.push_back(root / "lib");
  }
  for (const std::filesystem::path& wheels : WheelFolders({})) {
    for (const std::filesystem::path& wheel : FoldersIn(wheels, "cu")) {
      folders.push_back(wheel / "lib");
    }
  }
  std::string looked_at;
  for (const std::filesystem::path& folder : folders) {
    for (const char* soname : {"libcudart.so.13", "libcudart.so.12"}) {
      const std::filesystem::path library = folder / soname;
      std::error_code ignored;
      if (std::filesystem::exists(library, ignored)) return library;
      looked_at.append("\n  ").append(library);
    }
  }
  throw kiln::Error("RuntimeError",
                    "a shared library with CUDA code needs the CUDA runtime, which is not on this "
                    "machine: install the wheel nvidia-cuda-runtime or a CUDA toolkit, or write "
                    "the module as 'kiln'. Looked at:" +
                        looked_at);
}

}  // namespace kiln::jit
