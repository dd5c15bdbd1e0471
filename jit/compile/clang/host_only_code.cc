#include "jit/compile/clang/host_only_code.h"

#include <set>
#include <utility>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/AST/Stmt.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>

#include "jit/compile/clang/header_files.h"
#include "jit/compile/clang/include_prefix.h"

namespace kiln::jit {
namespace {

// Parts of one file: offsets, the second one past the end.
using Ranges = std::vector<std::pair<unsigned, unsigned>>;

template <class Attribute>
bool IsMarked(const clang::Decl& declaration) {
  const auto* attribute = declaration.getAttr<Attribute>();
  return attribute != nullptr && !attribute->isImplicit();
}

// As the source says. Clang takes constexpr functions for both sides by itself.
bool IsForDevice(const clang::Decl& declaration) {
  return IsMarked<clang::CUDAGlobalAttr>(declaration) ||
         IsMarked<clang::CUDADeviceAttr>(declaration) ||
         IsMarked<clang::CUDAConstantAttr>(declaration) ||
         IsMarked<clang::CUDASharedAttr>(declaration);
}

// The function that a declaration is, or is the template of.
const clang::FunctionDecl* FunctionOf(const clang::Decl* declaration) {
  if (const auto* of = clang::dyn_cast<clang::FunctionTemplateDecl>(declaration)) {
    return of->getTemplatedDecl();
  }
  return clang::dyn_cast<clang::FunctionDecl>(declaration);
}

const clang::CXXRecordDecl* RecordOf(const clang::Decl* declaration) {
  if (const auto* of = clang::dyn_cast<clang::ClassTemplateDecl>(declaration)) {
    return of->getTemplatedDecl();
  }
  return clang::dyn_cast<clang::CXXRecordDecl>(declaration);
}

const clang::VarDecl* VariableOf(const clang::Decl* declaration) {
  if (const auto* of = clang::dyn_cast<clang::VarTemplateDecl>(declaration)) {
    return of->getTemplatedDecl();
  }
  return clang::dyn_cast<clang::VarDecl>(declaration);
}

// Whether anything that a declaration names is host-only, but for what stands in functions.
class Mentions : public clang::RecursiveASTVisitor<Mentions> {
 public:
  using HostOnly = std::function<bool(const clang::Decl*)>;

  explicit Mentions(HostOnly host_only) : host_only_(std::move(host_only)) {}

  bool In(const clang::Decl* declaration) {
    found_ = false;
    TraverseWhole(const_cast<clang::Decl*>(declaration));
    return found_;
  }

  bool VisitTagTypeLoc(clang::TagTypeLoc location) { return Look(location.getDecl()); }
  bool VisitInjectedClassNameTypeLoc(clang::InjectedClassNameTypeLoc location) {
    return Look(location.getDecl());
  }
  bool VisitTypedefTypeLoc(clang::TypedefTypeLoc location) {
    const clang::TypedefNameDecl* alias = location.getTypedefNameDecl();
    if (const auto* record = alias->getUnderlyingType()->getAsRecordDecl()) return Look(record);
    return Look(alias);
  }
  bool VisitTemplateSpecializationTypeLoc(clang::TemplateSpecializationTypeLoc location) {
    return Look(location.getTypePtr()->getTemplateName().getAsTemplateDecl());
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr* reference) { return Look(reference->getDecl()); }

  // Of a class: methods are blanked one by one.
  bool TraverseCXXMethodDecl(clang::CXXMethodDecl*) { return true; }
  bool TraverseCXXConstructorDecl(clang::CXXConstructorDecl*) { return true; }
  bool TraverseCXXDestructorDecl(clang::CXXDestructorDecl*) { return true; }
  bool TraverseCXXConversionDecl(clang::CXXConversionDecl*) { return true; }
  bool TraverseFunctionTemplateDecl(clang::FunctionTemplateDecl*) { return true; }

 private:
  using Base = clang::RecursiveASTVisitor<Mentions>;

  // A method that is asked for itself is looked into.
  void TraverseWhole(clang::Decl* declaration) {
    if (auto* of = clang::dyn_cast<clang::FunctionTemplateDecl>(declaration)) {
      TraverseWhole(of->getTemplatedDecl());
    } else if (auto* constructor = clang::dyn_cast<clang::CXXConstructorDecl>(declaration)) {
      Base::TraverseCXXConstructorDecl(constructor);
    } else if (auto* destructor = clang::dyn_cast<clang::CXXDestructorDecl>(declaration)) {
      Base::TraverseCXXDestructorDecl(destructor);
    } else if (auto* conversion = clang::dyn_cast<clang::CXXConversionDecl>(declaration)) {
      Base::TraverseCXXConversionDecl(conversion);
    } else if (auto* method = clang::dyn_cast<clang::CXXMethodDecl>(declaration)) {
      Base::TraverseCXXMethodDecl(method);
    } else {
      TraverseDecl(declaration);
    }
  }

  bool Look(const clang::Decl* declaration) {
    found_ = found_ || (declaration != nullptr && host_only_(declaration));
    return !found_;
  }

  HostOnly host_only_;
  bool found_ = false;
};

}  // namespace

struct HostOnlyCode::Found {
  DeviceHasHeader has_header;
  const clang::SourceManager* sources = nullptr;
  std::map<clang::FileID, Ranges> blank;
  std::map<std::string, clang::FileEntryRef> named;  // the user's headers, by what #include says
  std::set<const clang::Decl*> host_only;
};

// Notes by which names the user's headers are included.
class HostOnlyCode::Includes final : public clang::PPCallbacks {
 public:
  explicit Includes(Found* found) : found_(found) {}

  void InclusionDirective(clang::SourceLocation, const clang::Token&, llvm::StringRef name, bool,
                          clang::CharSourceRange, clang::OptionalFileEntryRef file, llvm::StringRef,
                          llvm::StringRef, const clang::Module*, bool,
                          clang::SrcMgr::CharacteristicKind kind) override {
    if (!file || kind != clang::SrcMgr::C_User) return;
    found_->named.emplace(name.str(), *file);
  }

  // Headers that only the device compiler has are skipped: what they declare, device code uses, and
  // its bodies are not parsed.
  bool FileNotFound(llvm::StringRef name) override { return found_->has_header(name); }

 private:
  Found* found_;
};

class HostOnlyCode::Consumer final : public clang::ASTConsumer {
 public:
  Consumer(Found* found, clang::CompilerInstance* clang)
      : found_(found),
        clang_(*clang),
        mentions_([this](const clang::Decl* declaration) { return IsHostOnly(declaration); }) {}

  bool shouldSkipFunctionBody(clang::Decl* declaration) override {
    const clang::FunctionDecl* function = declaration->getAsFunction();
    return function != nullptr && IsForDevice(*function) &&
           !function->hasAttr<clang::CUDAHostAttr>();
  }

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    for (clang::Decl* declaration : group) {
      GiveKernelsABody(declaration);
      Sort(declaration);
    }
    return true;
  }

 private:
  // Code generation makes no launch stub of a kernel without a body.
  void GiveKernelsABody(clang::Decl* declaration) {
    if (clang::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(declaration)) {
      for (clang::Decl* inner : clang::cast<clang::DeclContext>(declaration)->decls()) {
        GiveKernelsABody(inner);
      }
      return;
    }
    auto* function = const_cast<clang::FunctionDecl*>(FunctionOf(declaration));
    if (function == nullptr || !function->hasAttr<clang::CUDAGlobalAttr>() ||
        !function->hasSkippedBody()) {
      return;
    }
    function->setHasSkippedBody(false);
    function->setBody(
        clang::CompoundStmt::Create(clang_.getASTContext(), {}, clang::FPOptionsOverride(),
                                    function->getLocation(), function->getLocation()));
  }

  // Notes what of a declaration outside functions only the host can compile.
  void Sort(clang::Decl* declaration) {
    if (declaration->isImplicit() || !IsUsers(declaration->getLocation())) return;
    if (clang::isa<clang::NamespaceDecl>(declaration) || IsBracedLinkage(*declaration)) {
      for (clang::Decl* inner : clang::cast<clang::DeclContext>(declaration)->decls()) Sort(inner);
      return;
    }
    if (const auto* linkage = clang::dyn_cast<clang::LinkageSpecDecl>(declaration)) {
      for (const clang::Decl* inner : linkage->decls()) {
        if (!Stays(inner)) return Blank(declaration, /*with_semicolon=*/!HasBody(inner));
      }
      return;
    }
    if (!Stays(declaration)) {
      Blank(declaration, /*with_semicolon=*/!HasBody(declaration));
      return;
    }
    if (const clang::CXXRecordDecl* record = RecordOf(declaration)) SortMembers(*record);
  }

  void SortMembers(const clang::CXXRecordDecl& record) {
    for (const clang::Decl* member : record.decls()) {
      if (member->isImplicit()) continue;
      if (const clang::CXXRecordDecl* inner = RecordOf(member)) {
        if (inner->isThisDeclarationADefinition()) SortMembers(*inner);
        continue;
      }
      const clang::FunctionDecl* method = FunctionOf(member);
      if (method == nullptr || IsForDevice(*method) || method->isDefaulted() ||
          method->isDeleted()) {
        continue;
      }
      if (method->isConstexpr() && !mentions_.In(method)) continue;
      Blank(member, /*with_semicolon=*/!HasBody(member));
    }
  }

  static bool IsBracedLinkage(const clang::Decl& declaration) {
    const auto* linkage = clang::dyn_cast<clang::LinkageSpecDecl>(&declaration);
    return linkage != nullptr && linkage->hasBraces();
  }

  static bool HasBody(const clang::Decl* declaration) {
    const clang::FunctionDecl* function = FunctionOf(declaration);
    return function != nullptr && function->doesThisDeclarationHaveABody();
  }

  bool Stays(const clang::Decl* declaration) {
    if (const clang::FunctionDecl* function = FunctionOf(declaration)) {
      if (IsForDevice(*function)) return true;
      return function->isConstexpr() && !mentions_.In(declaration);
    }
    if (const clang::VarDecl* variable = VariableOf(declaration)) {
      if (IsForDevice(*variable)) return true;
      if (!variable->isConstexpr() && !variable->getType().isConstQualified()) return false;
      return !mentions_.In(declaration);
    }
    if (const auto* directive = clang::dyn_cast<clang::UsingDirectiveDecl>(declaration)) {
      return DeviceHasNamespace(*directive->getNominatedNamespace());
    }
    if (const auto* alias = clang::dyn_cast<clang::NamespaceAliasDecl>(declaration)) {
      return DeviceHasNamespace(*alias->getNamespace());
    }
    if (const auto* names = clang::dyn_cast<clang::UsingDecl>(declaration)) {
      for (const clang::UsingShadowDecl* shadow : names->shadows()) {
        if (IsHostOnly(shadow->getTargetDecl())) return false;
      }
      return true;
    }
    return !mentions_.In(declaration);
  }

  bool IsHostOnly(const clang::Decl* declaration) {
    const clang::Decl* canonical = declaration->getCanonicalDecl();
    if (found_->host_only.count(canonical) != 0) return true;
    if (const auto* record = clang::dyn_cast<clang::CXXRecordDecl>(declaration)) {
      if (const clang::ClassTemplateDecl* of = record->getDescribedClassTemplate()) {
        if (found_->host_only.count(of->getCanonicalDecl()) != 0) return true;
      }
    }
    if (clang::isa<clang::TemplateTypeParmDecl, clang::NonTypeTemplateParmDecl,
                   clang::TemplateTemplateParmDecl, clang::BuiltinTemplateDecl>(declaration)) {
      return false;
    }
    // Names for numbers are the same everywhere.
    if (const auto* alias = clang::dyn_cast<clang::TypedefNameDecl>(declaration)) {
      if (alias->getUnderlyingType()->isBuiltinType()) return false;
    }
    return !IsForDevice(*declaration) && IsOfHostHeader(declaration->getLocation());
  }

  // A header of the machine's that the device compiler does not have.
  bool IsOfHostHeader(clang::SourceLocation location) const {
    const clang::SourceManager& sources = clang_.getSourceManager();
    location = sources.getExpansionLoc(location);
    if (location.isInvalid() || !sources.isInSystemHeader(location)) return false;
    const llvm::StringRef path = sources.getFilename(location);
    if (path.starts_with(kCudaHeaders)) return false;
    const size_t slash = path.rfind('/');
    return !found_->has_header(slash == llvm::StringRef::npos
                                   ? std::string_view(path)
                                   : std::string_view(path).substr(slash + 1));
  }

  bool DeviceHasNamespace(const clang::NamespaceDecl& scope) const {
    if (scope.isStdNamespace()) return true;
    for (const clang::NamespaceDecl* part : scope.redecls()) {
      if (!IsOfHostHeader(part->getLocation())) return true;
    }
    return false;
  }

  bool IsUsers(clang::SourceLocation location) const {
    const clang::SourceManager& sources = clang_.getSourceManager();
    location = sources.getExpansionLoc(location);
    return location.isValid() && !sources.isInSystemHeader(location) &&
           !sources.isWrittenInBuiltinFile(location) &&
           !sources.isWrittenInCommandLineFile(location);
  }

  void Blank(const clang::Decl* declaration, bool with_semicolon) {
    found_->host_only.insert(declaration->getCanonicalDecl());
    const clang::SourceManager& sources = clang_.getSourceManager();
    const clang::LangOptions& language = clang_.getLangOpts();
    const clang::SourceRange range = declaration->getSourceRange();
    const clang::SourceLocation begin = sources.getExpansionLoc(range.getBegin());
    const clang::SourceLocation last = sources.getExpansionRange(range.getEnd()).getEnd();
    const clang::FileID file = sources.getFileID(begin);
    if (begin.isInvalid() || last.isInvalid() || sources.getFileID(last) != file) return;
    clang::SourceLocation end = clang::Lexer::getLocForEndOfToken(last, 0, sources, language);
    if (with_semicolon) {
      const auto next = clang::Lexer::findNextToken(last, sources, language);
      if (next && next->is(clang::tok::semi)) end = next->getEndLoc();
    }
    found_->blank[file].emplace_back(sources.getFileOffset(begin), sources.getFileOffset(end));
  }

  Found* found_;
  clang::CompilerInstance& clang_;
  Mentions mentions_;
};

HostOnlyCode::HostOnlyCode(DeviceHasHeader has_header) : found_(std::make_unique<Found>()) {
  found_->has_header = std::move(has_header);
}

HostOnlyCode::~HostOnlyCode() = default;

std::unique_ptr<clang::ASTConsumer> HostOnlyCode::Watch(clang::CompilerInstance* clang) {
  found_->sources = &clang->getSourceManager();
  clang->getPreprocessor().addPPCallbacks(std::make_unique<Includes>(found_.get()));
  return std::make_unique<Consumer>(found_.get(), clang);
}

DeviceTexts HostOnlyCode::Texts(const std::string& source) const {
  const clang::SourceManager& sources = *found_->sources;
  const auto is_there = [&](std::string_view name, bool) {
    return found_->named.count(std::string(name)) != 0 || found_->has_header(name);
  };
  const auto device_text = [&](clang::FileID file, std::string text) {
    const auto found = found_->blank.find(file);
    if (found != found_->blank.end()) {
      for (const auto& [begin, end] : found->second) BlankOut(&text, begin, end);
    }
    BlankIncludes(&text, is_there);
    return text;
  };
  DeviceTexts texts;
  texts.source = device_text(sources.getMainFileID(), source);
  for (const auto& [name, entry] : found_->named) {
    const clang::FileID file = sources.translateFile(entry);
    if (file.isInvalid()) continue;
    texts.headers.emplace(name, device_text(file, sources.getBufferData(file).str()));
  }
  return texts;
}

}  // namespace kiln::jit
