#include "jit/link/shared_libraries.h"

#include <dlfcn.h>
#include <link.h>

#include "kiln/error.h"

namespace kiln::jit {
SharedLibraries::~SharedLibraries() {
  for (auto handle = handles_.rbegin(); handle != handles_.rend(); ++handle) dlclose(*handle);
}

void SharedLibraries::Open(const std::string& name, std::string_view user) {
  handles_.reserve(handles_.size() + 1);
  void* const handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const reason = dlerror();
    throw kiln::Error("LinkError", "'" + std::string(user) + "' needs the shared library '" + name +
                                       "', which can't be opened: " +
                                       (reason == nullptr ? "no reason given" : reason));
  }
  handles_.push_back(handle);
}

void* SharedLibraries::Find(const std::string& symbol) const {
  for (void* handle : handles_) {
    if (void* address = dlsym(handle, symbol.c_str())) return address;
  }
  return nullptr;
}

std::vector<std::string> SharedLibraries::Paths() const {
  std::vector<std::string> paths;
  for (void* handle : handles_) {
    link_map* map = nullptr;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0) paths.emplace_back(map->l_name);
  }
  return paths;
}

}  // namespace kiln::jit
