#ifndef KILN_JIT_COMPILE_CUDA_NVRTC_H_
#define KILN_JIT_COMPILE_CUDA_NVRTC_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jit/compile/cuda/find_nvrtc.h"

namespace kiln::jit {

// The functions of an NVRTC library, by the names and types that CUDA gives them: nvrtcResult is
// int, nvrtcProgram void*. Sizes count a final zero where the result is text.
struct NvrtcFunctions {
  const char* (*get_error_string)(int) = nullptr;
  int (*get_num_supported_archs)(int*) = nullptr;
  int (*get_supported_archs)(int*) = nullptr;
  int (*create_program)(void**, const char* text, const char* name, int header_count,
                        const char* const* headers, const char* const* header_names) = nullptr;
  int (*destroy_program)(void**) = nullptr;
  int (*add_name_expression)(void*, const char*) = nullptr;
  int (*compile_program)(void*, int option_count, const char* const* options) = nullptr;
  int (*get_program_log_size)(void*, size_t*) = nullptr;
  int (*get_program_log)(void*, char*) = nullptr;
  int (*get_cubin_size)(void*, size_t*) = nullptr;
  int (*get_cubin)(void*, char*) = nullptr;
  int (*get_ptx_size)(void*, size_t*) = nullptr;
  int (*get_ptx)(void*, char*) = nullptr;
  int (*get_ltoir_size)(void*, size_t*) = nullptr;
  int (*get_ltoir)(void*, char*) = nullptr;
  int (*get_lowered_name)(void*, const char* expression, const char** name) = nullptr;
  // Precompiled headers, from 12.8 on; all three are null before.
  int (*get_pch_create_status)(void*) = nullptr;
  int (*get_pch_heap_size_required)(void*, size_t*) = nullptr;
  int (*set_pch_heap_size)(size_t) = nullptr;
};

// An NVRTC library that is open. Never closed. Any thread may use it.
class Nvrtc {
 public:
  // Throws RuntimeError where the library lacks a function.
  explicit Nvrtc(NvrtcSearch found);

  const std::string& path() const { return found_.path; }
  int major() const { return found_.major; }
  // "12.9".
  std::string Version() const;
  bool IsAtLeast(int major, int minor) const;
  // The architectures that it compiles for: 75, 80, 86, ... in ascending order.
  const std::vector<int>& architectures() const { return architectures_; }
  bool has_precompiled_headers() const { return functions_.get_pch_create_status != nullptr; }

  const NvrtcFunctions& functions() const { return functions_; }

 private:
  NvrtcSearch found_;
  NvrtcFunctions functions_;
  std::vector<int> architectures_;
};

// The NVRTC that FindNvrtc finds, bound once. Throws RuntimeError, with every place that was looked
// at, where there is none. Lives for ever.
const Nvrtc& OpenNvrtc(const std::string& site_packages = {});

// One program and its compile. For one thread.
class NvrtcProgram {
 public:
  // The result codes that callers tell apart.
  static constexpr int kSuccess = 0;
  static constexpr int kInvalidOption = 5;
  static constexpr int kCompileError = 6;
  static constexpr int kPchHeapExhausted = 14;

  using Headers = std::vector<std::pair<const char*, const char*>>;  // name and text

  // `nvrtc` must outlive the program; `headers` need not. Throws RuntimeError.
  NvrtcProgram(const Nvrtc& nvrtc, const std::string& name, const std::string& text,
               const Headers& headers);
  ~NvrtcProgram();
  NvrtcProgram(const NvrtcProgram&) = delete;
  NvrtcProgram& operator=(const NvrtcProgram&) = delete;

  // Asks for the lowered name of a kernel, __device__ or __constant__ variable, which instantiates
  // it too. Call before Compile.
  void AddNameExpression(const std::string& expression);

  // Returns one of the codes above. Throws RuntimeError, with the log, for any other.
  int Compile(const std::vector<std::string>& options);

  // Of the compile. The code is empty where none of its kind was made; PTX is there even where the
  // assembler refused it.
  std::string Log() const;
  std::string Cubin() const;
  std::string Ptx() const;
  std::string LtoIr() const;
  // Nothing where the compile failed.
  std::optional<std::string> LoweredName(const std::string& expression) const;

  // Whether the compile made a precompiled header: a result code; and the heap that it took or
  // would have taken, in bytes. Precondition: nvrtc.has_precompiled_headers().
  int PchStatus() const;
  size_t PchHeapRequired() const;

 private:
  [[noreturn]] void Fail(const char* what, int result) const;
  void Check(const char* what, int result) const;
  std::string Take(int (*size)(void*, size_t*), int (*get)(void*, char*)) const;

  const Nvrtc& nvrtc_;
  void* program_ = nullptr;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_NVRTC_H_
