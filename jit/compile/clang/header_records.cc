#include "jit/compile/clang/header_records.h"

#include <optional>
#include <string>

#include <clang/Basic/FileManager.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/Utils.h>

namespace kiln::jit {
class HeaderRecords::Collector final : public clang::DependencyCollector {
 public:
  bool needSystemDependencies() override { return true; }
  // What a precompiled header was made of is told by the one who made it.
  void attachToASTReader(clang::ASTReader&) override {}
};

HeaderRecords::HeaderRecords() : collector_(std::make_shared<Collector>()) {}

void HeaderRecords::Watch(clang::Preprocessor* preprocessor) {
  collector_->attachToPreprocessor(*preprocessor);
}

void HeaderRecords::Watch(clang::CompilerInstance* clang) {
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
    if (!text) continue;
    const llvm::StringRef bytes = text->getBuffer();
    records.push_back({name, DigestOf({bytes.data(), bytes.size()})});
  }
  return records;
}

}  // namespace kiln::jit
