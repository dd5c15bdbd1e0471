#include "jit/compile/clang/frontend.h"

#include <chrono>
#include <utility>

#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/FrontendOptions.h>
#include <llvm/Support/MemoryBufferRef.h>
#include <llvm/Support/raw_ostream.h>

#include "jit/compile/clang/cc1_arguments.h"
#include "jit/compile/clang/diagnostic_collector.h"
#include "jit/compile/clang/exported_functions.h"
#include "jit/compile/clang/header_files.h"
#include "jit/compile/clang/header_records.h"
#include "jit/compile/clang/ir_generation.h"
#include "jit/compile/llvm/packed_wrappers.h"

namespace kiln::jit {
namespace {

std::shared_ptr<clang::CompilerInvocation> MakeInvocation(const std::vector<std::string>& arguments,
                                                          std::vector<Diagnostic>* diagnostics) {
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  clang::DiagnosticsEngine engine(new clang::DiagnosticIDs, new clang::DiagnosticOptions,
                                  new DiagnosticCollector(diagnostics));
  auto invocation = std::make_shared<clang::CompilerInvocation>();
  clang::CompilerInvocation::CreateFromArgs(*invocation, pointers, engine);
  return invocation;
}

}  // namespace

Frontend::Frontend(const Source& source, const CompileOptions& options, const TargetSpec& target,
                   std::vector<Diagnostic>* diagnostics)
    : source_(source),
      options_(options),
      text_(ExportDeclarations(source, options.exports)),
      diagnostics_(diagnostics) {
  const bool has_declarations = !text_.empty();
  if (has_declarations) text_.insert(0, source.text);
  std::vector<std::string> arguments = Cc1Arguments(source.language, options, target);
  arguments.insert(arguments.end(), {"-main-file-name", source.name});
  clang_.setInvocation(MakeInvocation(arguments, diagnostics));
  clang_.createDiagnostics(new DiagnosticCollector(diagnostics), /*ShouldOwnClient=*/true);
  clang_.setVerboseOutputStream(std::make_unique<llvm::raw_null_ostream>());
  clang_.createFileManager(
      HeaderFiles(options.headers, options.system_headers || !options.include_dirs.empty()));

  clang::FrontendOptions& frontend = clang_.getFrontendOpts();
  frontend.DisableFree = false;
  const clang::Language language =
      source.language == Language::kCxx ? clang::Language::CXX : clang::Language::C;
  const llvm::MemoryBufferRef buffer(has_declarations ? text_ : source.text, source.name);
  frontend.Inputs = {clang::FrontendInputFile(buffer, clang::InputKind(language))};
}

std::unique_ptr<llvm::Module> Frontend::Run(llvm::LLVMContext* context, CompileReport* report) {
  if (HasError(*diagnostics_)) return nullptr;
  const auto start = std::chrono::steady_clock::now();
  const HeaderRecords headers(&clang_);
  IrGeneration action(context, options_.exports);
  const bool done = clang_.ExecuteAction(action);
  const std::chrono::nanoseconds total = std::chrono::steady_clock::now() - start;
  report->times.Add("parse", total - action.time());
  report->times.Add("irgen", action.time());
  if (!done && !HasError(*diagnostics_)) {
    Diagnostic diagnostic;
    diagnostic.file = source_.name;
    diagnostic.message = "Clang gave up without a message";
    diagnostics_->push_back(std::move(diagnostic));
  }
  if (HasError(*diagnostics_)) return nullptr;
  report->missing_exports = action.TakeMissing();
  report->defined_functions = action.TakeDefined();
  std::unique_ptr<llvm::Module> module = action.TakeModule();
  exports_ = action.TakeExports();
  headers_ = headers.Take(clang_);
  if (source_.language == Language::kCxx) GuardPackedFunctions(module.get());
  // Here, not while Clang runs: no exception may go through it.
  for (Signature& signature : action.TakePlainExports()) {
    AddPackedWrapper(signature, module.get());
    exports_.push_back(std::move(signature.name));
  }
  return module;
}

void Frontend::LocateAsm(uint64_t srcloc, Diagnostic* diagnostic) const {
  if (!clang_.hasSourceManager()) return;
  const auto location =
      clang::SourceLocation::getFromRawEncoding(static_cast<clang::SourceLocation::UIntTy>(srcloc));
  Place(clang::FullSourceLoc(location, clang_.getSourceManager()), diagnostic);
}

}  // namespace kiln::jit
