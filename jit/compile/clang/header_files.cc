#include "jit/compile/clang/header_files.h"

#include <system_error>
#include <utility>

#include <llvm/Support/MemoryBuffer.h>

#include "jit/compile/embedded_file.h"

namespace kiln::jit {
namespace {

// Only read once it is made, and so safe to share between threads. An overlay tells its parts its
// working directory; that must not reach what other compiles read.
class SharedFileSystem final : public llvm::vfs::ProxyFileSystem {
 public:
  using ProxyFileSystem::ProxyFileSystem;
  std::error_code setCurrentWorkingDirectory(const llvm::Twine&) override { return {}; }
};

constexpr char kInMemory[] = "/@kiln/";

class WitnessedFileSystem final : public llvm::vfs::ProxyFileSystem {
 public:
  WitnessedFileSystem(llvm::IntrusiveRefCntPtr<FileSystem> files, FileWitness* witness)
      : ProxyFileSystem(std::move(files)), witness_(*witness) {}

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine& path) override {
    Note(path);
    return ProxyFileSystem::status(path);
  }
  bool exists(const llvm::Twine& path) override {
    Note(path);
    return ProxyFileSystem::exists(path);
  }
  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(
      const llvm::Twine& path) override {
    Note(path);
    return ProxyFileSystem::openFileForRead(path);
  }

 private:
  void Note(const llvm::Twine& path) {
    const std::string name = path.str();
    if (!name.starts_with(kInMemory)) witness_.Note(name);
  }

  FileWitness& witness_;
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

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> WithPrecompiledHeader(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, const std::string& bytes) {
  auto header = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  header->addFile(kPrecompiledHeader, /*ModificationTime=*/0,
                  llvm::MemoryBuffer::getMemBuffer(bytes, kPrecompiledHeader,
                                                   /*RequiresNullTerminator=*/false));
  auto with = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(std::move(files));
  with->pushOverlay(std::move(header));
  return with;
}

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Witnessed(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, FileWitness* witness) {
  return llvm::makeIntrusiveRefCnt<WitnessedFileSystem>(std::move(files), witness);
}

}  // namespace kiln::jit
