#include "jit/compile/clang/exported_functions.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <clang/AST/Attr.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/Expr.h>
#include <clang/AST/RawCommentList.h>
#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/SourceManager.h>

#include "jit/artifact/artifact.h"
#include "jit/compile/clang/value_types.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr std::string_view kAll = "all";
constexpr std::string_view kProbePrefix = "kiln_export_probe_";

bool IsIdentifier(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// "scale" for "ns::scale<float>".
std::string_view IdentifierOf(std::string_view name) {
  name = name.substr(0, name.find('<'));
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The function that a probe variable was initialised with the address of.
const clang::FunctionDecl* FunctionOfProbe(const clang::VarDecl& probe) {
  const clang::Expr* value = probe.getInit();
  if (value == nullptr) return nullptr;
  value = value->IgnoreParenImpCasts();
  if (const auto* address = clang::dyn_cast<clang::UnaryOperator>(value)) {
    value = address->getSubExpr()->IgnoreParenImpCasts();
  }
  const auto* reference = clang::dyn_cast<clang::DeclRefExpr>(value);
  if (reference == nullptr) return nullptr;
  return clang::dyn_cast<clang::FunctionDecl>(reference->getDecl());
}

// The functions of the main file's namespaces and linkage specifications, in source order.
void Collect(const clang::DeclContext& scope, const clang::SourceManager& sources,
             std::vector<const clang::FunctionDecl*>* functions) {
  for (const clang::Decl* declaration : scope.decls()) {
    if (!sources.isInMainFile(sources.getExpansionLoc(declaration->getLocation()))) continue;
    if (const auto* function = clang::dyn_cast<clang::FunctionDecl>(declaration)) {
      functions->push_back(function);
    } else if (const auto* inner = clang::dyn_cast<clang::DeclContext>(declaration);
               inner != nullptr && (clang::isa<clang::NamespaceDecl>(declaration) ||
                                    clang::isa<clang::LinkageSpecDecl>(declaration))) {
      Collect(*inner, sources, functions);
    }
  }
}

std::vector<const clang::FunctionDecl*> DefinedFunctions(const clang::ASTContext& context) {
  std::vector<const clang::FunctionDecl*> functions;
  Collect(*context.getTranslationUnitDecl(), context.getSourceManager(), &functions);
  std::erase_if(functions, [](const clang::FunctionDecl* function) {
    return !function->isThisDeclarationADefinition();
  });
  return functions;
}

// What a kernel can be given: it can't read structs of the host.
bool IsForKernels(const ValueType& type) {
  return type.kind != ValueType::Kind::kDLTensor && type.kind != ValueType::Kind::kAny;
}

// What const char* is to a kernel: elements of a tensor.
ValueType Bytes() {
  ValueType type;
  type.kind = ValueType::Kind::kElements;
  type.is_const = true;
  type.element = {ValueType::Kind::kInt, 8, /*is_signed=*/true, /*brain=*/false};
  return type;
}

// The text of the comment before the function, without its marks; the first of its declarations
// that has one speaks.
std::string DocOf(const clang::FunctionDecl& function, const clang::ASTContext& context) {
  const clang::RawComment* comment = context.getRawCommentForAnyRedecl(&function);
  if (comment == nullptr) return {};
  std::string text =
      comment->getFormattedText(context.getSourceManager(), context.getDiagnostics());
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.pop_back();
  }
  return text;
}

}  // namespace

std::string ExportDeclarations(const Source& source, const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    if (IsIdentifier(name)) continue;
    const std::string_view identifier = IdentifierOf(name);
    if (!IsIdentifier(identifier) || name.find_first_of(";{}\"'\\\n#") != std::string::npos) {
      throw kiln::Error("ValueError", "exports: '" + name + "' is not the name of a function");
    }
    if (!IsCxx(source.language)) continue;
    if (source.text.find(identifier) == std::string::npos) continue;
    text += "[[maybe_unused]] static constexpr auto* " + std::string(kProbePrefix) +
            std::to_string(i) + " = &" + name + ";\n";
  }
  if (text.empty()) return text;
  return "\n#line 1 \"exports\"\n" + text;
}

ExportFinder::ExportFinder(clang::ASTContext* context, const std::vector<std::string>& names)
    : context_(*context) {
  if (names.size() == 1 && names[0] == kAll) {
    FindAll();
  } else {
    for (size_t i = 0; i < names.size(); ++i) FindByName(names[i], i);
  }
}

void ExportFinder::FindByName(const std::string& name, size_t index) {
  const clang::TranslationUnitDecl* unit = context_.getTranslationUnitDecl();
  std::vector<const clang::FunctionDecl*> found;
  if (IsIdentifier(name)) {
    for (const clang::NamedDecl* declaration : unit->lookup(&context_.Idents.get(name))) {
      const auto* function = clang::dyn_cast<clang::FunctionDecl>(declaration);
      if (function != nullptr) found.push_back(function);
    }
  } else {
    const std::string probe_name = std::string(kProbePrefix) + std::to_string(index);
    for (const clang::NamedDecl* declaration : unit->lookup(&context_.Idents.get(probe_name))) {
      const auto* probe = clang::dyn_cast<clang::VarDecl>(declaration);
      const clang::FunctionDecl* function = probe == nullptr ? nullptr : FunctionOfProbe(*probe);
      if (function != nullptr) found.push_back(function);
    }
  }
  if (found.empty()) {
    missing_.push_back(name);
    return;
  }
  clang::DiagnosticsEngine& diagnostics = context_.getDiagnostics();
  if (found.size() > 1) {
    diagnostics.Report(found[1]->getLocation(),
                       diagnostics.getCustomDiagID(
                           clang::DiagnosticsEngine::Error,
                           "can't export '%0': there are several functions of that name; export "
                           "one of another name that calls the one that is meant"))
        << name;
    missing_.push_back(name);
    return;
  }
  const clang::FunctionDecl* definition = found[0]->getDefinition();
  const ExportedFunction function{name, definition == nullptr ? found[0] : definition};
  if (CheckSignature(function, /*report=*/true)) {
    functions_.push_back(function);
  } else {
    missing_.push_back(name);
  }
}

void ExportFinder::FindAll() {
  for (const clang::FunctionDecl* declaration : DefinedFunctions(context_)) {
    if (!declaration->isExternallyVisible() || declaration->isMain()) continue;
    if (clang::isa<clang::CXXMethodDecl>(declaration) || declaration->isTemplated()) continue;
    ExportedFunction function{declaration->getQualifiedNameAsString(), declaration};
    if (function.name.starts_with(kExportPrefix)) continue;
    const bool taken = std::any_of(functions_.begin(), functions_.end(),
                                   [&](const auto& other) { return other.name == function.name; });
    if (!taken && CheckSignature(function, /*report=*/false)) {
      functions_.push_back(std::move(function));
    }
  }
}

std::vector<std::string> ExportFinder::DefinedNames() const {
  std::vector<std::string> names;
  for (const clang::FunctionDecl* function : DefinedFunctions(context_)) {
    names.push_back(function->getQualifiedNameAsString());
  }
  return names;
}

bool ExportFinder::CheckSignature(const ExportedFunction& function, bool report) const {
  const clang::FunctionDecl& declaration = *function.declaration;
  clang::DiagnosticsEngine& diagnostics = context_.getDiagnostics();
  const auto refuse = [&](clang::SourceLocation location, const std::string& what) {
    if (report) {
      diagnostics.Report(location, diagnostics.getCustomDiagID(clang::DiagnosticsEngine::Error,
                                                               "can't export '%0': %1"))
          << function.name << what;
    }
    return false;
  };
  if (declaration.isVariadic()) {
    return refuse(declaration.getLocation(), "it takes a variable number of arguments");
  }
  if (!declaration.hasPrototype()) {
    return refuse(declaration.getLocation(), "its parameters are not declared");
  }
  if (clang::isa<clang::CXXMethodDecl>(declaration) &&
      !clang::cast<clang::CXXMethodDecl>(declaration).isStatic()) {
    return refuse(declaration.getLocation(), "it is a member function, which needs an object");
  }
  const bool is_kernel = declaration.hasAttr<clang::CUDAGlobalAttr>();
  for (unsigned i = 0; i < declaration.getNumParams(); ++i) {
    const clang::ParmVarDecl& parameter = *declaration.getParamDecl(i);
    const std::optional<ValueType> type = ParameterType(parameter.getType(), context_);
    if (type && (!is_kernel || IsForKernels(*type))) continue;
    return refuse(parameter.getLocation(), "parameter " + std::to_string(i) + " ('" +
                                               parameter.getNameAsString() + "') is " +
                                               UnsupportedText(parameter.getType(), context_));
  }
  if (!ResultType(declaration.getReturnType(), context_)) {
    return refuse(declaration.getLocation(),
                  "its result is " + UnsupportedText(declaration.getReturnType(), context_));
  }
  return true;
}

Signature ExportFinder::SignatureOf(const ExportedFunction& function) const {
  Signature signature;
  signature.name = function.name;
  signature.doc = DocOf(*function.declaration, context_);
  const clang::PresumedLoc place =
      context_.getSourceManager().getPresumedLoc(function.declaration->getLocation());
  if (place.isValid()) {
    signature.file = place.getFilename();
    signature.line = place.getLine();
  }
  signature.is_kernel = function.declaration->hasAttr<clang::CUDAGlobalAttr>();
  signature.takes_gpu_tensors = context_.getLangOpts().CUDA && !signature.is_kernel;
  for (const clang::ParmVarDecl* parameter : function.declaration->parameters()) {
    ValueType type = *ParameterType(parameter->getType(), context_);
    if (signature.is_kernel && type.kind == ValueType::Kind::kCString) type = Bytes();
    signature.parameters.push_back({parameter->getNameAsString(), type});
  }
  signature.result = *ResultType(function.declaration->getReturnType(), context_);
  return signature;
}

}  // namespace kiln::jit
