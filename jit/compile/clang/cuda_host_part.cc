#include "jit/compile/clang/cuda_host_part.h"

#include <utility>

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "jit/compile/clang/device_symbols.h"
#include "jit/compile/clang/frontend.h"
#include "jit/compile/llvm/data_object.h"
#include "jit/compile/llvm/diagnostics.h"
#include "jit/compile/llvm/module_to_artifact.h"

namespace kiln::jit {

struct CudaHostPart::State {
  State(const Source& cuda_source, const CompileOptions& compile_options,
        DeviceHasHeader has_header, CompileReport* compile_report)
      : source(cuda_source),
        options(compile_options),
        report(compile_report),
        target(ResolveTarget(options)),
        fat_binary("__kiln_fat_binary_" + DigestOf(source.name + '\0' + source.text).substr(0, 16)),
        frontend(source, options, target, &diagnostics, std::move(has_header)) {}

  const Source& source;
  const CompileOptions& options;
  CompileReport* report;
  TargetSpec target;
  std::string fat_binary;  // its symbol
  std::vector<Diagnostic> diagnostics;
  llvm::LLVMContext context;
  Frontend frontend;
  std::unique_ptr<llvm::Module> module;
};

CudaHostPart::CudaHostPart(const Source& source, const CompileOptions& options,
                           DeviceHasHeader has_header, CompileReport* report)
    : state_(std::make_unique<State>(source, options, std::move(has_header), report)) {
  State& state = *state_;
  state.context.setDiscardValueNames(true);
  CollectDiagnostics(&state.context, source, options.remarks, &state.diagnostics,
                     [&state](uint64_t srcloc, Diagnostic* diagnostic) {
                       state.frontend.LocateAsm(srcloc, diagnostic);
                     });
  state.module = state.frontend.Run(&state.context, report);
  if (state.module == nullptr) throw CompileErrorOf(source.name, state.diagnostics);
}

CudaHostPart::~CudaHostPart() = default;

const DeviceTexts& CudaHostPart::texts() const { return state_->frontend.device_texts(); }

std::vector<std::string> CudaHostPart::expressions() const {
  std::vector<std::string> expressions;
  for (const DeviceSymbol& symbol : state_->frontend.device_symbols()) {
    expressions.push_back(symbol.expression);
  }
  return expressions;
}

Artifact CudaHostPart::CompileHost() {
  State& state = *state_;
  CompleteRegistration(state.frontend.device_symbols(), state.fat_binary, state.module.get());
  state.frontend.AddWrappers(state.module.get());
  Artifact artifact =
      ModuleToArtifact(state.module.get(), state.source, state.target, state.options,
                       state.frontend.exports(), &state.diagnostics, state.report);
  artifact.headers = state.frontend.headers();
  return artifact;
}

void CudaHostPart::AddDeviceCode(const std::vector<std::string>& names,
                                 const std::string& fat_binary, Artifact* artifact) const {
  const std::string& symbol = state_->fat_binary;
  std::vector<std::pair<std::string, std::string>> data = {{symbol, fat_binary}};
  for (size_t i = 0; i < names.size(); ++i) {
    data.emplace_back(DeviceNameSymbol(symbol, i), names[i] + '\0');
  }
  artifact->objects.push_back(DataObject(data, state_->target));
}

}  // namespace kiln::jit
