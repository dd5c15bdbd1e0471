#ifndef KILN_JIT_WORKER_COMPILE_REQUEST_H_
#define KILN_JIT_WORKER_COMPILE_REQUEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/compile_report.h"
#include "jit/artifact/source.h"
#include "kiln/error.h"

namespace kiln::jit {

// What is to be compiled into one artifact.
struct CompileRequest {
  std::vector<Source> sources;
  CompileOptions options;
  std::string folder;        // the current one, which relative paths start from
  bool with_stages = false;  // whether the report is to show the stages
  int max_memory_mb = 0;     // that the compile may ask for; 0: any amount
};

// Options travel by their names in the option table, those that have their defaults not at all.
std::string SerializeRequest(const CompileRequest& request);

// Throws RuntimeError where the bytes are none of SerializeRequest, and what SetOption throws.
CompileRequest ParseRequest(std::string_view bytes);

// What a compile came to: an artifact with its report, or an error.
std::string SerializeAnswer(const Artifact& artifact, const CompileReport& report);
std::string SerializeAnswer(const kiln::Error& error);

// Returns the artifact and fills `report`, or throws the error, which has kind, message and
// backtrace, the texts that came with it, and the errors that caused it. Throws RuntimeError where
// the bytes are none of SerializeAnswer.
Artifact ParseAnswer(std::string_view bytes, CompileReport* report);

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_COMPILE_REQUEST_H_
