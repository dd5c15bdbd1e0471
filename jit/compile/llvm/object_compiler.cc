#include "jit/compile/llvm/object_compiler.h"

#include <memory>
#include <span>
#include <utility>

#include <llvm/Object/Archive.h>
#include <llvm/Support/MemoryBufferRef.h>

#include "jit/compile/compiler.h"
#include "jit/compile/llvm/elf_object.h"
#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {
namespace {

constexpr Language kLanguages[] = {Language::kObject, Language::kArchive};

Diagnostic LeftOut(const std::string& name) {
  Diagnostic diagnostic;
  diagnostic.severity = Severity::kWarning;
  diagnostic.file = name;
  diagnostic.message = "left out: this member of the archive is not an ELF file";
  return diagnostic;
}

// Adds an object to `artifact`, and what it exports.
void AddObject(std::string bytes, const std::string& name, Artifact* artifact) {
  CheckObject(bytes, name);
  for (std::string& exported : ExportsOfObject(bytes)) {
    artifact->exports.push_back(std::move(exported));
  }
  artifact->objects.push_back(std::move(bytes));
}

// LLVM believes what the header of the last member says of its size.
bool LiesIn(llvm::StringRef part, llvm::StringRef whole) {
  return part.begin() >= whole.begin() && part.end() <= whole.end();
}

// Adds every object of the archive.
void AddMembers(const Source& source, Artifact* artifact) {
  const auto damaged = [&](llvm::Error error) {
    return ObjectError(source.name, "the archive is damaged: " + llvm::toString(std::move(error)));
  };
  auto archive = llvm::object::Archive::create(llvm::MemoryBufferRef(source.text, source.name));
  if (!archive) throw damaged(archive.takeError());
  if ((*archive)->isThin()) {
    throw ObjectError(
        source.name,
        "it is a thin archive, which names the files of its members and does not hold "
        "them: make it without ar's option T (--thin)");
  }
  llvm::Error error = llvm::Error::success();
  for (const llvm::object::Archive::Child& member : (*archive)->children(error)) {
    llvm::Expected<llvm::StringRef> member_name = member.getName();
    if (!member_name) {
      llvm::consumeError(std::move(error));
      throw damaged(member_name.takeError());
    }
    llvm::Expected<llvm::StringRef> bytes = member.getBuffer();
    if (!bytes) {
      llvm::consumeError(std::move(error));
      throw damaged(bytes.takeError());
    }
    if (!LiesIn(*bytes, source.text) || !LiesIn(*member_name, source.text)) {
      llvm::consumeError(std::move(error));
      throw ObjectError(source.name, "the archive is damaged: its last member is cut short");
    }
    const std::string name = source.name + "(" + member_name->str() + ")";
    if (!bytes->starts_with("\x7F"
                            "ELF")) {
      artifact->warnings.push_back(LeftOut(name));
      continue;
    }
    try {
      AddObject(bytes->str(), name, artifact);
    } catch (...) {
      llvm::consumeError(std::move(error));
      throw;
    }
  }
  if (error) throw damaged(std::move(error));
  if (artifact->objects.empty()) throw ObjectError(source.name, "the archive holds no object");
}

class ObjectCompiler final : public Compiler {
 public:
  std::span<const Language> languages() const override { return kLanguages; }

  Artifact Compile(const Source& source, const CompileOptions&,
                   CompileReport* report) const override {
    const PhaseTimer timer(&report->times, "read");
    // What the code was made for is not known: no more than every x86-64 has is taken for granted.
    CompileOptions any_machine;
    any_machine.cpu = "x86-64";
    const TargetSpec target = ResolveTarget(any_machine);
    Artifact artifact;
    artifact.name = source.name;
    artifact.language = source.language;
    artifact.triple = target.triple;
    artifact.cpu = target.cpu;
    artifact.features = target.features;
    if (source.language == Language::kArchive) {
      AddMembers(source, &artifact);
    } else {
      AddObject(source.text, source.name, &artifact);
    }
    return artifact;
  }
};

}  // namespace

std::vector<std::string> ExportsOfObject(std::string_view bytes) {
  std::vector<std::string> exports;
  for (const ObjectSymbol& symbol : SymbolsOf(bytes)) {
    if (!symbol.is_defined || !symbol.is_function || symbol.is_hidden) continue;
    if (const std::string_view name = ExportName(symbol.name); !name.empty()) {
      exports.emplace_back(name);
    }
  }
  return exports;
}

std::unique_ptr<Compiler> MakeObjectCompiler() { return std::make_unique<ObjectCompiler>(); }

}  // namespace kiln::jit
