#include "jit/link/shared_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "jit/link/host_symbols.h"
#include "jit/link/lld.h"
#include "jit/link/shared_libraries.h"
#include "jit/link/support_objects.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr std::string_view kSupportLibraries[] = {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1",
                                                  "libc.so.6"};

// The file of the ABI's runtime in this process; empty where it is not in a library.
std::string RuntimePath() {
  Dl_info found{};
  void* const address = FindAbiSymbol("TVMFFIFunctionCall");
  if (address == nullptr || dladdr(address, &found) == 0 || found.dli_fname == nullptr) return "";
  const std::string path = found.dli_fname;
  return path.find(".so") == std::string::npos ? "" : path;
}

void ReplaceAll(std::string_view from, std::string_view to, std::string* text) {
  for (size_t at = text->find(from); at != std::string::npos; at = text->find(from, at)) {
    text->replace(at, from.size(), to);
    at += to.size();
  }
}

// One run of lld over the objects of an artifact.
class LldCommand {
 public:
  LldCommand(const Artifact& artifact, const std::string& path)
      : artifact_(artifact), path_(path), arguments_{"--threads=1", "-o", path} {}

  void Add(std::string argument) { arguments_.push_back(std::move(argument)); }

  void AddObjects() {
    files_.reserve(artifact_.objects.size());
    for (const std::string& object : artifact_.objects) {
      arguments_.push_back(files_.emplace_back(object).path());
    }
  }

  void Run() {
    std::string messages = RunLld(arguments_);
    if (messages.empty()) return;
    for (size_t i = files_.size(); i-- > 0;) {
      ReplaceAll(files_[i].path(),
                 "object " + std::to_string(i + 1) + " of '" + artifact_.name + "'", &messages);
    }
    throw kiln::Error("LinkError",
                      "can't write '" + artifact_.name + "' to '" + path_ + "': " + messages);
  }

 private:
  const Artifact& artifact_;
  const std::string& path_;
  std::vector<std::string> arguments_;
  std::vector<MemoryFile> files_;
};

}  // namespace

void WriteObject(const Artifact& artifact, const std::string& path) {
  LldCommand command(artifact, path);
  command.Add("-r");
  command.AddObjects();
  command.Run();
}

void WriteSharedLibrary(const Artifact& artifact, const std::string& path) {
  const MemoryFile start(LibraryStart());
  const MemoryFile once(EmulatedOnce());
  SharedLibraries named;
  SharedLibraries support;
  for (const std::string& library : artifact.libraries) named.Open(library, artifact.name);
  for (const std::string_view library : kSupportLibraries) {
    support.Open(std::string(library), artifact.name);
  }

  LldCommand command(artifact, path);
  for (const char* argument :
       {"-shared", "-Bsymbolic", "--no-gnu-unique", "--eh-frame-hdr", "--hash-style=gnu", "-z",
        "now", "-z", "relro", "-z", "noexecstack"}) {
    command.Add(argument);
  }
  command.Add(start.path());
  command.AddObjects();
  for (const std::string& argument : {std::string("--start-lib"), once.path(),  // where needed
                                      std::string("--end-lib")}) {
    command.Add(argument);
  }
  for (const std::string& library : named.Paths()) command.Add(library);
  for (const std::string& library : artifact.libraries) {
    if (library.find('/') == std::string::npos) continue;
    command.Add("-rpath");
    command.Add(std::filesystem::absolute(library).parent_path().string());
  }
  command.Add("--as-needed");
  if (const std::string runtime = RuntimePath(); !runtime.empty()) command.Add(runtime);
  for (const std::string& library : support.Paths()) command.Add(library);
  command.Run();
}

}  // namespace kiln::jit
