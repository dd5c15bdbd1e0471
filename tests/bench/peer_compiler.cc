#include "tests/bench/peer_compiler.h"

#include <dlfcn.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "kiln/error.h"

namespace kiln::testing {

void RunProgram(std::vector<std::string> command) {
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  if (posix_spawnp(&child, words[0], nullptr, nullptr, words.data(), environ) != 0 ||
      waitpid(child, &status, 0) != child || status != 0) {
    throw Error("RuntimeError", "'" + command[0] + "' failed");
  }
}

PeerCompiler::PeerCompiler()
    : folder_((std::filesystem::temp_directory_path() / "kiln-bench-XXXXXX").string()) {
  if (mkdtemp(folder_.data()) == nullptr) throw Error("RuntimeError", "no temporary folder");
}

PeerCompiler::~PeerCompiler() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string PeerCompiler::Build(const std::string& text, const std::string& suffix,
                                std::vector<std::string> command) {
  const std::string stem = folder_ + "/" + std::to_string(builds_++);
  std::ofstream(stem + suffix) << text;
  const std::string library = stem + ".so";
  command.insert(command.end(), {stem + suffix, "-o", library});
  RunProgram(std::move(command));
  return library;
}

OpenLibrary::OpenLibrary(const std::string& path)
    : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) throw Error("RuntimeError", dlerror());
}

OpenLibrary::~OpenLibrary() { dlclose(handle_); }

PackedFunction* OpenLibrary::Find(const std::string& name) const {
  void* const address = dlsym(handle_, ("__tvm_ffi_" + name).c_str());
  if (address == nullptr) throw Error("RuntimeError", dlerror());
  return reinterpret_cast<PackedFunction*>(address);
}

}  // namespace kiln::testing
