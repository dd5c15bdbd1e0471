#ifndef KILN_JIT_COMPILE_CLANG_CUDA_HOST_PART_H_
#define KILN_JIT_COMPILE_CLANG_CUDA_HOST_PART_H_

#include <memory>
#include <string>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/compile_report.h"
#include "jit/artifact/source.h"
#include "jit/compile/clang/device_texts.h"

namespace kiln::jit {

// The host part of a CUDA source, compiled by Clang in two steps: the parse tells what the device
// compiler is to do, and its results go into the host's object. For one thread.
class CudaHostPart {
 public:
  // Parses the source. `source`, `options` and `report` must outlive this. Throws as
  // Compiler::Compile does.
  CudaHostPart(const Source& source, const CompileOptions& options, DeviceHasHeader has_header,
               CompileReport* report);
  ~CudaHostPart();
  CudaHostPart(const CudaHostPart&) = delete;
  CudaHostPart& operator=(const CudaHostPart&) = delete;

  // What the device compiler reads.
  const DeviceTexts& texts() const;

  // The kernels and the variables of the device that the host part refers to, as expressions that
  // name them in the source.
  std::vector<std::string> expressions() const;

  // The artifact without its device code: the object of the host code. Once only, and the device
  // code may be compiled meanwhile, of what texts() and expressions() gave. Throws as
  // Compiler::Compile does.
  Artifact CompileHost();

  // Adds the object with the device code, which that of the host registers when it is loaded.
  // `names` are the symbols in the fat binary of what expressions() names, in that order.
  void AddDeviceCode(const std::vector<std::string>& names, const std::string& fat_binary,
                     Artifact* artifact) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_CUDA_HOST_PART_H_
