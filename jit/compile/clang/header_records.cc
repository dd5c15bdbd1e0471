#include "jit/compile/clang/header_records.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <clang/Basic/FileManager.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/Utils.h>

namespace kiln::jit {
namespace {

// Digests of files that were read before. Headers of a library are read by every compile, and their
// digests would take longer than their lookup.
class DigestCache {
 public:
  std::string Of(const clang::FileEntryRef& file, llvm::StringRef text) {
    const Key key{file.getName().str(), file.getUniqueID().getDevice(),
                  file.getUniqueID().getFile(), file.getModificationTime(), text.size()};
    const bool may_change = file.getModificationTime() == 0;  // of headers in memory
    if (!may_change) {
      const std::lock_guard lock(mutex_);
      const auto found = digests_.find(key);
      if (found != digests_.end()) return found->second;
    }
    std::string digest = DigestOf({text.data(), text.size()});
    if (may_change) return digest;
    const std::lock_guard lock(mutex_);
    if (digests_.size() >= kMostDigests) digests_.clear();
    digests_.emplace(key, digest);
    return digest;
  }

 private:
  static constexpr size_t kMostDigests = 10000;
  using Key = std::tuple<std::string, uint64_t, uint64_t, time_t, size_t>;

  std::mutex mutex_;
  std::map<Key, std::string> digests_;
};

DigestCache& Digests() {
  static auto* const kCache = new DigestCache();
  return *kCache;
}

}  // namespace

class HeaderRecords::Collector final : public clang::DependencyCollector {
 public:
  bool needSystemDependencies() override { return true; }
  // What a precompiled header was made of is told by the one who made it.
  void attachToASTReader(clang::ASTReader&) override {}
};

HeaderRecords::HeaderRecords(clang::CompilerInstance* clang)
    : collector_(std::make_shared<Collector>()) {
  clang->addDependencyCollector(collector_);
}

std::vector<HeaderRecord> HeaderRecords::Take(const clang::CompilerInstance& clang) const {
  std::vector<HeaderRecord> records;
  if (!clang.hasSourceManager()) return records;
  clang::SourceManager& sources = clang.getSourceManager();
  for (const std::string& name : collector_->getDependencies()) {
    const auto file = clang.getFileManager().getOptionalFileRef(name);
    if (!file || sources.isMainFile(file->getFileEntry())) continue;
    const std::optional<llvm::MemoryBufferRef> text = sources.getMemoryBufferForFileOrNone(*file);
    if (text) records.push_back({name, Digests().Of(*file, text->getBuffer())});
  }
  return records;
}

}  // namespace kiln::jit
