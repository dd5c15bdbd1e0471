#ifndef KILN_JIT_COMPILE_CUDA_PYTHON_FOLDERS_H_
#define KILN_JIT_COMPILE_CUDA_PYTHON_FOLDERS_H_

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::jit {

// What a process shows of itself, from which its Python, if it is one, can be told.
struct ProcessView {
  std::string executable;                 // the file that runs, links resolved
  std::string command;                    // how it was called: "python", "/venv/bin/python3"
  std::string search_path;                // $PATH
  std::string home;                       // $HOME
  std::vector<std::string> mapped_files;  // every file that is mapped
};

// This process. Reads /proc/self.
ProcessView ThisProcess();

// The folders in which the Python that runs as `process` finds packages: those from which packages
// are loaded already, those of its virtual environment, of its installation and of its user. Only
// folders that are there. None where the process has no Python.
//
// Python itself is not asked: this may run in a thread that it does not know.
std::vector<std::filesystem::path> RunningPythonFolders(const ProcessView& process);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_PYTHON_FOLDERS_H_
