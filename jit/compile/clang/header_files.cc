#include "jit/compile/clang/header_files.h"

#include <system_error>
#include <utility>

#include <llvm/Support/MemoryBuffer.h>

#include "jit/compile/clang/embedded_file.h"

namespace kiln::jit {
namespace {

// Only read once it is made, and so safe to share between threads. An overlay tells its parts its
// working directory; that must not reach what other compiles read.
class SharedFileSystem final : public llvm::vfs::ProxyFileSystem {
 public:
  using ProxyFileSystem::ProxyFileSystem;
  std::error_code setCurrentWorkingDirectory(const llvm::Twine&) override { return {}; }
};

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> InMemory() {
  static const auto kFiles = [] {
    auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
    for (const EmbeddedFile& file : EmbeddedHeaders()) {
      files->addFile(file.path, /*ModificationTime=*/0,
                     llvm::MemoryBuffer::getMemBuffer(file.text, file.path));
    }
    return llvm::makeIntrusiveRefCnt<SharedFileSystem>(std::move(files));
  }();
  return kFiles;
}

}  // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> HeaderFiles(const TextMap& user_headers,
                                                            bool on_disk) {
  if (!on_disk && user_headers.empty()) return InMemory();
  auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(
      on_disk ? llvm::vfs::getRealFileSystem() : InMemory());
  if (on_disk) files->pushOverlay(InMemory());
  if (!user_headers.empty()) {
    auto user = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
    for (const auto& [name, text] : user_headers) {
      user->addFile(std::string(kUserHeaders) + "/" + name, /*ModificationTime=*/0,
                    llvm::MemoryBuffer::getMemBuffer(text, name));
    }
    files->pushOverlay(std::move(user));
  }
  return files;
}

}  // namespace kiln::jit
