#ifndef KILN_JIT_SANDBOX_RUN_REQUEST_H_
#define KILN_JIT_SANDBOX_RUN_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jit/sandbox/shared_tensors.h"
#include "jit/worker/compile_request.h"

namespace kiln::jit {

// A function to be called in a process of its own, with what that process needs to come to it.
struct RunRequest {
  // What the function is in: a source to compile, or else an artifact, as Serialize writes it.
  std::optional<CompileRequest> source;
  std::string artifact;
  std::vector<std::string> linked;  // artifacts whose symbols the code may use, the first first
  std::string function;
  std::vector<SharedTensors::Piece> pieces;
  std::string arguments;  // their count, and each as PutValue writes it
  int max_memory_mb = 0;
  int processor_seconds = 0;
};

// What the answer to a run begins with.
enum class RunAnswer : uint64_t { kResult = 1, kError, kCrash };

std::string SerializeRun(const RunRequest& request);

// Throws RuntimeError where the bytes are none of SerializeRun.
RunRequest ParseRun(std::string_view bytes);

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_RUN_REQUEST_H_
