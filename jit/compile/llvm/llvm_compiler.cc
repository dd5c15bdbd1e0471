#include <optional>
#include <utility>

#include <llvm/AsmParser/Parser.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/AutoUpgrade.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/MemoryBufferRef.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Triple.h>

#include "jit/compile/compiler.h"
#include "jit/compile/llvm/bitcode_check.h"
#include "jit/compile/llvm/diagnostics.h"
#include "jit/compile/llvm/exports.h"
#include "jit/compile/llvm/host_target.h"
#include "jit/compile/llvm/module_to_artifact.h"
#include "jit/compile/llvm/packed_wrappers.h"
#include "jit/compile/llvm/pipeline.h"
#include "jit/compile/llvm/plain_exports.h"
#include "jit/compile/llvm/target_machine.h"

// LLVM's readers call UpgradeDebugInfo, which prints what is wrong with a module that has debug
// information, and calls it a fatal error. They are linked so that they call this instead (--wrap):
// the module stays as it is until it is verified here.
extern "C" bool KilnLeaveDebugInfo(llvm::Module& module) __asm__(
    "__wrap__ZN4llvm16UpgradeDebugInfoERNS_6ModuleE");
extern "C" bool KilnLeaveDebugInfo(llvm::Module&) { return false; }

namespace kiln::jit {
namespace {

constexpr Language kLanguages[] = {Language::kLlvmIr, Language::kLlvmBitcode};

// A CompileError about the source as a whole.
kiln::Error Refusal(const Source& source, std::string message) {
  Diagnostic diagnostic;
  diagnostic.file = source.name;
  diagnostic.message = std::move(message);
  return CompileErrorOf(source.name, {diagnostic});
}

bool HasBitcodeMagic(const std::string& bytes) {
  const auto* begin = reinterpret_cast<const unsigned char*>(bytes.data());
  return llvm::isBitcode(begin, begin + bytes.size());
}

std::unique_ptr<llvm::Module> Parse(const Source& source, llvm::LLVMContext* context) {
  if (source.language == Language::kLlvmBitcode && !HasBitcodeMagic(source.text)) {
    throw Refusal(source, "not LLVM bitcode: it does not start with the magic number 'BC' C0 DE");
  }
  if (source.language == Language::kLlvmBitcode) {
    if (const std::optional<std::string> fault = FaultInBitcode(source.text)) {
      throw Refusal(source, *fault);
    }
  }
  const llvm::MemoryBufferRef buffer(source.text, source.name);
  llvm::SMDiagnostic error;
  std::unique_ptr<llvm::Module> module = source.language == Language::kLlvmBitcode
                                             ? llvm::parseIR(buffer, error, *context)
                                             : llvm::parseAssembly(buffer, error, *context);
  if (module == nullptr) {
    throw CompileErrorOf(source.name, {FromSMDiagnostic(error, source.name)});
  }
  return module;
}

bool IsHostTriple(const std::string& text) {
  const llvm::Triple triple(llvm::Triple::normalize(text));
  return triple.getArch() == llvm::Triple::x86_64 &&
         (triple.isOSLinux() || triple.getOS() == llvm::Triple::UnknownOS) &&
         triple.isOSBinFormatELF() && !triple.isX32();
}

// Makes the module one for the target, or throws where it is one for another.
void Retarget(const Source& source, const TargetSpec& target, int level, llvm::Module* module) {
  if (!module->getTargetTriple().empty() && !IsHostTriple(module->getTargetTriple())) {
    throw Refusal(source, "the module is for target '" + module->getTargetTriple() +
                              "', and this process runs '" + target.triple +
                              "': generate it for that triple, or for none");
  }
  const llvm::DataLayout layout = TargetMachineLease(target, level)->createDataLayout();
  const std::string& claimed = module->getDataLayoutStr();
  // Earlier versions of LLVM knew less about the same layout.
  if (!claimed.empty() &&
      llvm::DataLayout(llvm::UpgradeDataLayoutString(claimed, target.triple)) != layout) {
    throw Refusal(source, "the module's data layout is '" + claimed + "', and that of target '" +
                              target.triple + "' is '" + layout.getStringRepresentation() +
                              "': generate it for that layout, or for none");
  }
  module->setTargetTriple(target.triple);
  module->setDataLayout(layout);
}

// Takes debug information out that is at fault or of another version, and tells so.
void DropUnusableDebugInfo(bool is_broken, llvm::Module* module) {
  const unsigned version = llvm::getDebugMetadataVersionFromModule(*module);
  const bool is_other = version != llvm::DEBUG_METADATA_VERSION;
  if (is_broken)
    module->getContext().diagnose(llvm::DiagnosticInfoIgnoringInvalidDebugMetadata(*module));
  if (!is_broken && !is_other) return;
  if (llvm::StripDebugInfo(*module) && is_other) {
    module->getContext().diagnose(llvm::DiagnosticInfoDebugMetadataVersion(*module, version));
  }
}

void Verify(const Source& source, llvm::Module* module) {
  std::string faults;
  llvm::raw_string_ostream stream(faults);
  bool has_broken_debug_info = false;
  if (!llvm::verifyModule(*module, &stream, &has_broken_debug_info)) {
    return DropUnusableDebugInfo(has_broken_debug_info, module);
  }
  while (faults.ends_with('\n')) faults.pop_back();
  throw Refusal(source, "the module breaks a rule of LLVM IR: " + faults);
}

// Symbols that the module does not define may be anywhere in the process, whatever its maker
// thought: code must reach them through the global offset table.
void ReachFarSymbols(llvm::Module* module) {
  for (llvm::GlobalValue& value : module->global_values()) {
    if (value.isDeclarationForLinker() && value.hasDefaultVisibility()) value.setDSOLocal(false);
  }
}

class LlvmCompiler final : public Compiler {
 public:
  std::span<const Language> languages() const override { return kLanguages; }

  Artifact Compile(const Source& source, const CompileOptions& options,
                   CompileReport* report) const override {
    const TargetSpec target = ResolveTarget(options);

    std::vector<Diagnostic> diagnostics;
    llvm::LLVMContext context;
    CollectDiagnostics(&context, source, options.remarks, &diagnostics);
    std::unique_ptr<llvm::Module> module;
    {
      const PhaseTimer timer(&report->times, "parse");
      module = Parse(source, &context);
      Retarget(source, target, CodeGenLevelOf(options), module.get());
      Verify(source, module.get());
      ReachFarSymbols(module.get());
    }

    std::vector<std::string> exports = ExportsOf(*module);
    for (Signature& signature : PlainExports(*module, options.exports, report)) {
      AddPackedWrapper(signature, module.get());
      exports.push_back(std::move(signature.name));
    }
    return ModuleToArtifact(module.get(), source, target, options, std::move(exports), &diagnostics,
                            report);
  }
};

}  // namespace

std::unique_ptr<Compiler> MakeLlvmCompiler() { return std::make_unique<LlvmCompiler>(); }

}  // namespace kiln::jit
