#include "jit/compile/clang/frontend.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include <clang/Basic/LangOptions.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/PreprocessorOptions.h>
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
#include "jit/compile/clang/parse_source.h"
#include "jit/compile/clang/recent_keys.h"
#include "jit/compile/compile_safely.h"
#include "jit/compile/crash_error.h"
#include "jit/compile/llvm/fatal_errors.h"
#include "jit/compile/llvm/packed_wrappers.h"
#include "jit/compile/llvm/undefined_behavior.h"
#include "jit/threads/cancellation.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

bool MayReadDisk(const CompileOptions& options) {
  return options.system_headers || !options.include_dirs.empty();
}

void CheckIncludeDirs(const CompileOptions& options) {
  for (const std::string& folder : options.include_dirs) {
    std::error_code ignored;
    if (std::filesystem::is_directory(folder, ignored)) continue;
    throw kiln::Error("ValueError", "include_dirs: '" + folder + "' is not a directory");
  }
}

// Whether any of the headers that `text` includes may be the user's own.
bool MayBeOfTheUser(std::string text, const CompileOptions& options) {
  bool found = false;
  BlankIncludes(&text, [&](std::string_view name, bool quoted) {
    found = found || quoted || options.headers.count(std::string(name)) != 0;
    for (const std::string& folder : options.include_dirs) {
      std::error_code ignored;
      found = found || std::filesystem::exists(std::filesystem::path(folder) / name, ignored);
    }
    return true;
  });
  return found;
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

// Whether it is worth while to make the precompiled header of that key. The headers of a C source
// are parsed as fast as they are precompiled: that is for those that come again.
bool PaysToPrecompile(const std::string& key, Language language) {
  static auto* const kKeys = new RecentKeys();
  return language != Language::kC || kKeys->SeenBefore(key);
}

}  // namespace

Frontend::Frontend(const Source& source, const CompileOptions& options, const TargetSpec& target,
                   std::vector<Diagnostic>* diagnostics, DeviceHasHeader has_header)
    : source_(source), options_(options), target_(target), diagnostics_(diagnostics) {
  CheckIncludeDirs(options);
  if (source.language == Language::kCuda) {
    host_only_ = std::make_unique<HostOnlyCode>(std::move(has_header));
  }
  const std::vector<std::string> arguments = Cc1Arguments(source.language, options, target);
  const std::string declarations = ExportDeclarations(source, options.exports);
  UsePrecompiledHeaders(arguments);
  if (!declarations.empty()) {
    if (text_.empty()) text_ = source.text;
    text_ += declarations;
  }

  groundwork_.emplace(arguments, target, diagnostics);
  (*groundwork_)->SetUp(&clang_);
  clang_.getCodeGenOpts().MainFileName = source.name;
  clang_.createDiagnostics(new DiagnosticCollector(diagnostics), /*ShouldOwnClient=*/true);
  clang_.setVerboseOutputStream(std::make_unique<llvm::raw_null_ostream>());
  clang_.createFileManager(HeaderFiles(options.headers, MayReadDisk(options),
                                       precompiled_ ? &precompiled_->bytes : nullptr,
                                       /*witness=*/nullptr));
  if (precompiled_ != nullptr) {
    clang::PreprocessorOptions& preprocessor = clang_.getPreprocessorOpts();
    preprocessor.ImplicitPCHInclude = kPrecompiledHeader;
    // The key and the witness say more than Clang's own checks.
    preprocessor.DisablePCHOrModuleValidation = clang::DisableValidationForModuleKind::All;
  }
  clang_.getFrontendOpts().SkipFunctionBodies = host_only_ != nullptr;
}

void Frontend::UsePrecompiledHeaders(const std::vector<std::string>& arguments) {
  const IncludePrefix prefix = FindIncludePrefix(source_.text);
  // CUDA has a header that no source names.
  if (prefix.size == 0 && source_.language != Language::kCuda) return;
  // What is host-only in the user's headers is found while they are parsed.
  if (host_only_ != nullptr && MayBeOfTheUser(source_.text.substr(0, prefix.size), options_))
    return;
  const std::string text = source_.text.substr(0, prefix.size) + "\n";
  const std::string name = prefix.depends_on_name ? source_.name : "headers";
  const std::string key = KeyOf(arguments, options_, name, text);
  if (!PaysToPrecompile(key, source_.language)) return;
  precompiled_ = PrecompiledHeaders::Global().Get(key, [&] {
    PrecompiledHeader header;
    // Others may wait for this: a crash must not go past them.
    const std::optional<Crash> crash =
        RunGuarded([&] { header = PrecompileWithTemplates(arguments, text); });
    if (crash) throw CrashErrorOf(source_.name, kLlvmName, *crash);
    return header;
  });
  if (precompiled_->bytes.empty()) {
    precompiled_ = nullptr;
  } else {
    text_ = Blanked(source_.text, prefix.size);
  }
}

PrecompiledHeader Frontend::PrecompileWithTemplates(const std::vector<std::string>& arguments,
                                                    const std::string& text) const {
  if (!IsCxx(source_.language)) return PrecompileHeaders(arguments, text);
  PrecompiledHeader header =
      PrecompileHeaders(arguments, text + "#include \"" + kCommonTemplates + "\"\n");
  std::erase_if(header.headers,
                [](const HeaderRecord& record) { return record.path == kCommonTemplates; });
  return header.bytes.empty() ? PrecompileHeaders(arguments, text) : std::move(header);
}

PrecompiledHeader Frontend::PrecompileHeaders(const std::vector<std::string>& arguments,
                                              const std::string& prefix) const {
  PrecompiledHeader header;
  std::vector<Diagnostic> diagnostics;
  const GroundworkLease groundwork(arguments, target_, &diagnostics);
  if (!diagnostics.empty()) return header;
  clang::CompilerInstance clang;
  groundwork->SetUp(&clang);
  clang.getLangOpts().CompilingPCH = true;
  clang.createDiagnostics(new DiagnosticCollector(&diagnostics), /*ShouldOwnClient=*/true);
  clang.setVerboseOutputStream(std::make_unique<llvm::raw_null_ostream>());
  clang.createFileManager(HeaderFiles(options_.headers, MayReadDisk(options_),
                                      /*precompiled=*/nullptr, &header.witness));

  HeaderRecords records;
  HeaderGeneration generation;
  const bool done = ParseSource(
      {prefix, source_.name}, /*as_file=*/false, clang::TU_Prefix,
      [&] { return generation.MakeConsumer(clang); }, &records, &clang);
  // Messages are for each compile that includes these headers.
  if (done && diagnostics.empty()) header.bytes = generation.TakeBytes();
  header.headers = records.Take(clang);
  return header;
}

std::unique_ptr<llvm::Module> Frontend::Run(llvm::LLVMContext* context, CompileReport* report) {
  if (HasError(*diagnostics_)) return nullptr;
  const auto start = std::chrono::steady_clock::now();
  HeaderRecords headers;
  IrGeneration action(context, options_.exports, host_only_.get());
  const llvm::MemoryBufferRef text(text_.empty() ? source_.text : text_, source_.name);
  // Code generation with sanitizers asks for the main file's entry, which a buffer has not.
  const bool as_file = !options_.sanitize.empty();
  const bool done = ParseSource(
      text, as_file, clang::TU_Complete,
      [&] { return action.MakeConsumer(clang_, text.getBufferIdentifier()); }, &headers, &clang_);
  // A parse that was ended early leaves no module.
  if (HeedCancellation::IsCancelled()) throw CancelledErrorOf(source_.name);
  const std::chrono::nanoseconds total = std::chrono::steady_clock::now() - start;
  TraceSpan("parse and irgen", "", start, total);
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
  plain_exports_ = action.TakePlainExports();
  if (host_only_ != nullptr) {
    device_texts_ = host_only_->Texts(source_.text);
    device_symbols_ = action.TakeDeviceSymbols();
  }
  if (precompiled_ != nullptr) headers_ = precompiled_->headers;
  for (HeaderRecord& header : headers.Take(clang_)) {
    if (std::find(headers_.begin(), headers_.end(), header) == headers_.end()) {
      headers_.push_back(std::move(header));
    }
  }
  LetHandlersThrow(module.get());
  if (IsCxx(source_.language) || !options_.sanitize.empty()) GuardPackedFunctions(module.get());
  return module;
}

void Frontend::AddWrappers(llvm::Module* module) {
  for (Signature& signature : plain_exports_) {
    if (signature.is_kernel) {
      AddKernelWrapper(signature, options_.launch, module);
    } else {
      AddPackedWrapper(signature, module);
    }
    exports_.push_back(std::move(signature.name));
  }
  plain_exports_.clear();
}

void Frontend::LocateAsm(uint64_t srcloc, Diagnostic* diagnostic) const {
  if (!clang_.hasSourceManager()) return;
  const auto location =
      clang::SourceLocation::getFromRawEncoding(static_cast<clang::SourceLocation::UIntTy>(srcloc));
  Place(clang::FullSourceLoc(location, clang_.getSourceManager()), diagnostic);
}

}  // namespace kiln::jit
