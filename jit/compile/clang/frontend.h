#ifndef KILN_JIT_COMPILE_CLANG_FRONTEND_H_
#define KILN_JIT_COMPILE_CLANG_FRONTEND_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <clang/Frontend/CompilerInstance.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/compile_report.h"
#include "jit/artifact/diagnostic.h"
#include "jit/artifact/signature.h"
#include "jit/artifact/source.h"
#include "jit/compile/clang/device_symbols.h"
#include "jit/compile/clang/device_texts.h"
#include "jit/compile/clang/groundwork.h"
#include "jit/compile/clang/host_only_code.h"
#include "jit/compile/clang/precompiled_headers.h"
#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {

// One run of Clang: a C or C++ source in, a module of LLVM IR out, not optimised. Lives on after
// the run, to tell where in the source a later message of LLVM belongs. For one thread and one run.
class Frontend {
 public:
  // `source`, `options`, `target` and `diagnostics` must outlive the front end. For CUDA,
  // `has_header` tells the headers of the device compiler. Throws ValueError for options that Clang
  // can't be given.
  Frontend(const Source& source, const CompileOptions& options, const TargetSpec& target,
           std::vector<Diagnostic>* diagnostics, DeviceHasHeader has_header = nullptr);

  // Adds the phases "parse" and "irgen" to the report, and the exports that the source lacks.
  // Returns null where the diagnostics have an error.
  std::unique_ptr<llvm::Module> Run(llvm::LLVMContext* context, CompileReport* report);

  // Gives the plain functions that are to be exported their packed form in the module that Run
  // returned. Throws as AddPackedWrapper does.
  void AddWrappers(llvm::Module* module);

  // The exported functions in source order, without their prefix, the wrapped ones last. Filled by
  // Run and AddWrappers.
  const std::vector<std::string>& exports() const { return exports_; }

  // Every header that was read. Filled by Run.
  const std::vector<HeaderRecord>& headers() const { return headers_; }

  // Of CUDA, filled by Run.
  const DeviceTexts& device_texts() const { return device_texts_; }
  const std::vector<DeviceSymbol>& device_symbols() const { return device_symbols_; }

  // Sets the place of the inline assembly that has this !srcloc.
  void LocateAsm(uint64_t srcloc, Diagnostic* diagnostic) const;

 private:
  // Parses the leading headers of the source from their precompiled form, if that can be had.
  void UsePrecompiledHeaders(const std::vector<std::string>& arguments);
  // With the common templates of the C++ library, where the headers bring those along.
  PrecompiledHeader PrecompileWithTemplates(const std::vector<std::string>& arguments,
                                            const std::string& text) const;
  PrecompiledHeader PrecompileHeaders(const std::vector<std::string>& arguments,
                                      const std::string& prefix) const;

  const Source& source_;
  const CompileOptions& options_;
  const TargetSpec& target_;
  std::string text_;  // what Clang reads, where that is not the source as it is
  std::shared_ptr<const PrecompiledHeader> precompiled_;  // null where none is used
  std::vector<Diagnostic>* diagnostics_;
  std::unique_ptr<HostOnlyCode> host_only_;  // null but for CUDA
  std::optional<GroundworkLease> groundwork_;
  clang::CompilerInstance clang_;
  DeviceTexts device_texts_;
  std::vector<DeviceSymbol> device_symbols_;
  std::vector<Signature> plain_exports_;
  std::vector<std::string> exports_;
  std::vector<HeaderRecord> headers_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_FRONTEND_H_
