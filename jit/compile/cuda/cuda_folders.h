#ifndef KILN_JIT_COMPILE_CUDA_CUDA_FOLDERS_H_
#define KILN_JIT_COMPILE_CUDA_CUDA_FOLDERS_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jit {

// Folders below `parent` whose name starts with `prefix`, sorted with the newest version first;
// none where there is no such parent.
std::vector<std::filesystem::path> FoldersIn(const std::filesystem::path& parent,
                                             std::string_view prefix);

// Where CUDA toolkits are installed: $CUDA_HOME, $CUDA_PATH and /usr/local/cuda*, in this order.
std::vector<std::filesystem::path> ToolkitFolders();

// The `nvidia` folders in which wheels of CUDA's parts may lie: those of the active virtual
// environment, of the Python in whose process this is, and of `site_packages`, which may be empty.
std::vector<std::filesystem::path> WheelFolders(const std::string& site_packages);

// What the two functions above depend on, for those who keep results: the variables that they read.
std::string FolderVariables();

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_CUDA_FOLDERS_H_
