#include "jit/link/code_lines.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/DebugInfo/DWARF/DWARFDebugLine.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/MemoryBufferRef.h>

namespace kiln::jit {
namespace {

namespace object = llvm::object;

// A function as an object has it: where it lies in which section.
struct FunctionSymbol {
  std::string name;
  uint64_t section = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
};

template <typename T>
std::optional<T> ValueOf(llvm::Expected<T> value) {
  if (value) return std::move(*value);
  llvm::consumeError(value.takeError());
  return std::nullopt;
}

std::vector<FunctionSymbol> FunctionsOf(const object::ObjectFile& file) {
  std::vector<FunctionSymbol> functions;
  for (const object::SymbolRef& symbol : file.symbols()) {
    const auto type = ValueOf(symbol.getType());
    const auto name = ValueOf(symbol.getName());
    const auto section = ValueOf(symbol.getSection());
    const auto offset = ValueOf(symbol.getValue());
    if (type != object::SymbolRef::ST_Function || !name || !section || !offset ||
        *section == file.section_end()) {
      continue;
    }
    functions.push_back(
        {name->str(), (*section)->getIndex(), *offset, object::ELFSymbolRef(symbol).getSize()});
  }
  return functions;
}

// The name by which users know a function.
std::string NameOf(const FunctionSymbol& function) {
  const std::string_view exported = ExportName(function.name);
  return exported.empty() ? llvm::demangle(function.name) : std::string(exported);
}

void Ignore(llvm::Error error) { llvm::consumeError(std::move(error)); }

}  // namespace

// Reads one object after the other.
class CodeLines::Reader {
 public:
  Reader(const LoadedImage& image, CodeLines* lines) : image_(image), lines_(lines) {}

  void Read(const std::string& bytes, const std::string& name) {
    auto file = ValueOf(object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(bytes, name)));
    if (!file || !(*file)->isELF()) return;
    const std::vector<FunctionSymbol> functions = FunctionsOf(**file);
    // Where the sections lie in memory.
    std::map<uint64_t, uintptr_t> bases;
    for (const FunctionSymbol& function : functions) {
      const void* const address = image_.Find(function.name);
      if (address == nullptr) continue;
      bases.emplace(function.section, reinterpret_cast<uintptr_t>(address) - function.offset);
    }
    for (const FunctionSymbol& function : functions) {
      const auto base = bases.find(function.section);
      if (base == bases.end()) continue;
      const uintptr_t begin = base->second + function.offset;
      lines_->functions_.push_back({begin, begin + function.size, NameIndex(NameOf(function))});
    }
    ReadLines(**file, bases);
  }

 private:
  void ReadLines(const object::ObjectFile& file, const std::map<uint64_t, uintptr_t>& bases) {
    const std::unique_ptr<llvm::DWARFContext> context = llvm::DWARFContext::create(
        file, llvm::DWARFContext::ProcessDebugRelocations::Process, nullptr, "", &Ignore, &Ignore);
    for (const auto& unit : context->compile_units()) {
      const llvm::DWARFDebugLine::LineTable* const table = context->getLineTableForUnit(unit.get());
      if (table == nullptr) continue;
      for (const llvm::DWARFDebugLine::Row& row : table->Rows) {
        const auto base = bases.find(row.Address.SectionIndex);
        if (base == bases.end()) continue;
        std::string path;
        table->getFileNameByIndex(row.File, unit->getCompilationDir(),
                                  llvm::DILineInfoSpecifier::FileLineInfoKind::RawValue, path);
        lines_->rows_.push_back(
            {base->second + row.Address.Address, NameIndex(path), row.EndSequence ? 0 : row.Line});
      }
    }
  }

  uint32_t NameIndex(const std::string& name) {
    const auto [known, is_new] =
        indices_.emplace(name, static_cast<uint32_t>(lines_->names_.size()));
    if (is_new) lines_->names_.push_back(name);
    return known->second;
  }

  const LoadedImage& image_;
  CodeLines* lines_;
  std::map<std::string, uint32_t> indices_;
};

CodeLines::CodeLines(const Artifact& artifact, const LoadedImage& image) {
  Reader reader(image, this);
  for (const std::string& object : artifact.objects) reader.Read(object, artifact.name);
  const auto earlier = [](const auto& a, const auto& b) { return a.begin < b.begin; };
  std::stable_sort(functions_.begin(), functions_.end(), earlier);
  std::stable_sort(rows_.begin(), rows_.end(), earlier);
}

CodeLines::Place CodeLines::Find(uintptr_t address) const noexcept {
  Place place;
  const auto before = [](uintptr_t sought, const auto& entry) { return sought < entry.begin; };
  const auto function = std::upper_bound(functions_.begin(), functions_.end(), address, before);
  if (function == functions_.begin() || address >= std::prev(function)->end) return place;
  place.function = names_[std::prev(function)->name].c_str();
  place.offset = address - std::prev(function)->begin;
  const auto row = std::upper_bound(rows_.begin(), rows_.end(), address, before);
  if (row == rows_.begin() || std::prev(row)->line == 0) return place;
  if (std::prev(row)->begin < std::prev(function)->begin) return place;
  place.file = names_[std::prev(row)->file].c_str();
  place.line = std::prev(row)->line;
  return place;
}

}  // namespace kiln::jit
