#include "jit/compile/clang/header_files.h"

#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include <llvm/ADT/Hashing.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Path.h>

#include "jit/compile/embedded_file.h"

namespace kiln::jit {
namespace {

// What all folders in memory lie in.
constexpr std::string_view kInMemory = "/@kiln";

// Only read once it is made, and so safe to share between threads.
llvm::vfs::InMemoryFileSystem& EmbeddedFiles() {
  static auto* const kFiles = [] {
    auto* files = new llvm::vfs::InMemoryFileSystem();
    files->Retain();
    for (const EmbeddedFile& file : EmbeddedHeaders()) {
      files->addFile(file.path, /*ModificationTime=*/0,
                     llvm::MemoryBuffer::getMemBuffer(file.text, file.path));
    }
    return files;
  }();
  return *kFiles;
}

// A text in memory, open.
class TextFile final : public llvm::vfs::File {
 public:
  TextFile(llvm::vfs::Status status, llvm::StringRef text)
      : status_(std::move(status)), text_(text) {}

  llvm::ErrorOr<llvm::vfs::Status> status() override { return status_; }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine& name, int64_t,
                                                               bool, bool) override {
    llvm::SmallString<128> storage;
    return llvm::MemoryBuffer::getMemBuffer(text_, name.toStringRef(storage),
                                            /*RequiresNullTerminator=*/false);
  }
  std::error_code close() override { return {}; }

 private:
  llvm::vfs::Status status_;
  llvm::StringRef text_;
};

std::error_code NotThere() { return std::make_error_code(std::errc::no_such_file_or_directory); }

// LLVM's object for the machine's files, taken once: ThreadSanitizer does not see how LLVM makes
// it.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> RealFiles() {
  static const auto* const kFiles =
      new llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem>(llvm::vfs::getRealFileSystem());
  return *kFiles;
}

// The file system of one compile. Names below kInMemory never reach the machine's files.
class CompileFiles final : public llvm::vfs::ProxyFileSystem {
 public:
  CompileFiles(const TextMap& user_headers, const std::string* precompiled, bool on_disk,
               FileWitness* witness)
      : ProxyFileSystem(RealFiles()),
        user_headers_(user_headers),
        precompiled_(precompiled),
        on_disk_(on_disk),
        witness_(witness) {}

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine& path) override {
    llvm::SmallString<128> storage;
    const llvm::StringRef name = path.toStringRef(storage);
    if (name.starts_with(kInMemory)) return StatusInMemory(name);
    if (!Ask(name)) return NotThere();
    return ProxyFileSystem::status(path);
  }

  bool exists(const llvm::Twine& path) override { return !status(path).getError(); }

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(
      const llvm::Twine& path) override {
    llvm::SmallString<128> storage;
    const llvm::StringRef name = path.toStringRef(storage);
    if (name.starts_with(kInMemory)) return OpenInMemory(name);
    if (!Ask(name)) return NotThere();
    return ProxyFileSystem::openFileForRead(path);
  }

  llvm::ErrorOr<std::string> getCurrentWorkingDirectory() const override {
    if (!on_disk_) return EmbeddedFiles().getCurrentWorkingDirectory();
    return ProxyFileSystem::getCurrentWorkingDirectory();
  }
  std::error_code setCurrentWorkingDirectory(const llvm::Twine&) override { return {}; }

 private:
  // Notes the question about one of the machine's files, if they may be asked for.
  bool Ask(llvm::StringRef name) {
    if (!on_disk_) return false;
    if (witness_ != nullptr) witness_->Note(name.str());
    return true;
  }

  // The text of a file of this compile alone, or null.
  const std::string* Find(llvm::StringRef name) const {
    if (precompiled_ != nullptr && name == kPrecompiledHeader) return precompiled_;
    if (!name.consume_front(kUserHeaders) || !name.consume_front("/")) return nullptr;
    const auto found = user_headers_.find(name.str());
    return found == user_headers_.end() ? nullptr : &found->second;
  }

  bool IsUserFolder(llvm::StringRef name) const {
    if (user_headers_.empty() || !name.consume_front(kUserHeaders)) return false;
    if (name.empty()) return true;
    if (!name.consume_front("/")) return false;
    const std::string folder = name.str() + "/";
    const auto first = user_headers_.lower_bound(folder);
    return first != user_headers_.end() && first->first.starts_with(folder);
  }

  static llvm::vfs::Status StatusOf(llvm::StringRef name, const std::string& text) {
    // No two texts have one address.
    return {name,
            llvm::sys::fs::UniqueID(kUserDevice, reinterpret_cast<uintptr_t>(&text)),
            /*MTime=*/{},
            /*User=*/0,
            /*Group=*/0,
            text.size(),
            llvm::sys::fs::file_type::regular_file,
            llvm::sys::fs::all_read};
  }

  llvm::ErrorOr<llvm::vfs::Status> StatusInMemory(llvm::StringRef path) const {
    llvm::SmallString<128> name(path);
    llvm::sys::path::remove_dots(name, /*remove_dot_dot=*/true);
    if (const std::string* const text = Find(name)) return StatusOf(path, *text);
    if (!IsUserFolder(name)) return EmbeddedFiles().status(path);
    return llvm::vfs::Status(path,
                             llvm::sys::fs::UniqueID(kUserFolderDevice, llvm::hash_value(name)),
                             /*MTime=*/{}, /*User=*/0, /*Group=*/0, /*Size=*/0,
                             llvm::sys::fs::file_type::directory_file, llvm::sys::fs::all_read);
  }

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> OpenInMemory(llvm::StringRef path) const {
    llvm::SmallString<128> name(path);
    llvm::sys::path::remove_dots(name, /*remove_dot_dot=*/true);
    if (const std::string* const text = Find(name)) {
      return std::make_unique<TextFile>(StatusOf(path, *text), *text);
    }
    if (IsUserFolder(name)) return std::make_error_code(std::errc::is_a_directory);
    return EmbeddedFiles().openFileForRead(path);
  }

  // Devices that no other file system has.
  static constexpr uint64_t kUserDevice = ~uint64_t{0} - 1;
  static constexpr uint64_t kUserFolderDevice = ~uint64_t{0} - 2;

  const TextMap& user_headers_;
  const std::string* precompiled_;
  bool on_disk_;
  FileWitness* witness_;
};

}  // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> HeaderFiles(const TextMap& user_headers,
                                                            bool on_disk,
                                                            const std::string* precompiled,
                                                            FileWitness* witness) {
  return llvm::makeIntrusiveRefCnt<CompileFiles>(user_headers, precompiled, on_disk, witness);
}

}  // namespace kiln::jit
