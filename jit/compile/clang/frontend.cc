#include "jit/compile/clang/frontend.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/FrontendOptions.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/MemoryBufferRef.h>
#include <llvm/Support/raw_ostream.h>

#include "jit/compile/clang/cc1_arguments.h"
#include "jit/compile/clang/diagnostic_collector.h"
#include "jit/compile/clang/exported_functions.h"
#include "jit/compile/clang/header_files.h"
#include "jit/compile/clang/header_generation.h"
#include "jit/compile/clang/header_records.h"
#include "jit/compile/clang/include_prefix.h"
#include "jit/compile/clang/ir_generation.h"
#include "jit/compile/llvm/packed_wrappers.h"
#include "jit/compile/llvm/undefined_behavior.h"

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

clang::InputKind KindOf(const Source& source) {
  return clang::InputKind(source.language == Language::kCxx ? clang::Language::CXX
                                                            : clang::Language::C);
}

bool MayReadDisk(const CompileOptions& options) {
  return options.system_headers || !options.include_dirs.empty();
}

// All that a precompiled header is made of, but the machine's files.
std::string KeyOf(const std::vector<std::string>& arguments, const CompileOptions& options,
                  const std::string& name, const std::string& prefix) {
  std::string text;
  const auto add = [&](const std::string& part) {
    text.append(std::to_string(part.size())).append(":").append(part);
  };
  for (const std::string& argument : arguments) add(argument);
  for (const auto& [header, content] : options.headers) {
    add(header);
    add(content);
  }
  add(MayReadDisk(options) ? "disk" : "memory");
  std::error_code ignored;
  add(std::filesystem::current_path(ignored));
  add(name);
  add(prefix);
  return DigestOf(text);
}

}  // namespace

Frontend::Frontend(const Source& source, const CompileOptions& options, const TargetSpec& target,
                   std::vector<Diagnostic>* diagnostics)
    : source_(source), options_(options), diagnostics_(diagnostics) {
  std::vector<std::string> arguments = Cc1Arguments(source.language, options, target);
  const std::string declarations = ExportDeclarations(source, options.exports);
  if (source.language == Language::kCxx) UsePrecompiledHeaders(arguments);
  if (!declarations.empty()) {
    if (text_.empty()) text_ = source.text;
    text_ += declarations;
  }

  arguments.insert(arguments.end(), {"-main-file-name", source.name});
  clang_.setInvocation(MakeInvocation(arguments, diagnostics));
  clang_.createDiagnostics(new DiagnosticCollector(diagnostics), /*ShouldOwnClient=*/true);
  clang_.setVerboseOutputStream(std::make_unique<llvm::raw_null_ostream>());
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files =
      HeaderFiles(options.headers, MayReadDisk(options));
  if (precompiled_ != nullptr) {
    files = WithPrecompiledHeader(std::move(files), precompiled_->bytes);
    clang::PreprocessorOptions& preprocessor = clang_.getPreprocessorOpts();
    preprocessor.ImplicitPCHInclude = kPrecompiledHeader;
    // The key and the witness say more than Clang's own checks.
    preprocessor.DisablePCHOrModuleValidation = clang::DisableValidationForModuleKind::All;
  }
  clang_.createFileManager(std::move(files));

  clang::FrontendOptions& frontend = clang_.getFrontendOpts();
  frontend.DisableFree = false;
  const llvm::MemoryBufferRef buffer(text_.empty() ? source.text : text_, source.name);
  frontend.Inputs = {clang::FrontendInputFile(buffer, KindOf(source))};
  if (options.sanitize.empty()) return;
  // Code generation with sanitizers asks for the main file's entry, which a buffer has not.
  frontend.Inputs = {clang::FrontendInputFile(source.name, KindOf(source))};
  main_file_ = llvm::MemoryBuffer::getMemBuffer(buffer, /*RequiresNullTerminator=*/true);
  clang_.getPreprocessorOpts().addRemappedFile(source.name, main_file_.get());
  clang_.getPreprocessorOpts().RetainRemappedFileBuffers = true;
}

void Frontend::UsePrecompiledHeaders(const std::vector<std::string>& arguments) {
  const IncludePrefix prefix = FindIncludePrefix(source_.text);
  if (prefix.size == 0) return;
  const std::string text = source_.text.substr(0, prefix.size) + "\n";
  const std::string name = prefix.depends_on_name ? source_.name : "headers";
  precompiled_ = PrecompiledHeaders::Global().Get(
      KeyOf(arguments, options_, name, text), [&] { return PrecompileHeaders(arguments, text); });
  if (precompiled_->bytes.empty()) {
    precompiled_ = nullptr;
  } else {
    text_ = Blanked(source_.text, prefix.size);
  }
}

PrecompiledHeader Frontend::PrecompileHeaders(const std::vector<std::string>& arguments,
                                              const std::string& prefix) const {
  PrecompiledHeader header;
  std::vector<Diagnostic> diagnostics;
  clang::CompilerInstance clang;
  clang.setInvocation(MakeInvocation(arguments, &diagnostics));
  clang.createDiagnostics(new DiagnosticCollector(&diagnostics), /*ShouldOwnClient=*/true);
  clang.setVerboseOutputStream(std::make_unique<llvm::raw_null_ostream>());
  clang.createFileManager(
      Witnessed(HeaderFiles(options_.headers, MayReadDisk(options_)), &header.witness));
  clang.getFrontendOpts().DisableFree = false;
  clang.getFrontendOpts().Inputs = {
      clang::FrontendInputFile(llvm::MemoryBufferRef(prefix, source_.name), KindOf(source_))};

  const HeaderRecords records(&clang);
  HeaderGeneration action;
  const bool done = clang.ExecuteAction(action);
  // Messages are for each compile that includes these headers.
  if (done && diagnostics.empty()) header.bytes = action.TakeBytes();
  header.headers = records.Take(clang);
  return header;
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
  if (precompiled_ != nullptr) headers_ = precompiled_->headers;
  for (HeaderRecord& header : headers.Take(clang_)) {
    if (std::find(headers_.begin(), headers_.end(), header) == headers_.end()) {
      headers_.push_back(std::move(header));
    }
  }
  LetHandlersThrow(module.get());
  if (source_.language == Language::kCxx || !options_.sanitize.empty()) {
    GuardPackedFunctions(module.get());
  }
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
