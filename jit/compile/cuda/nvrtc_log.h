#ifndef KILN_JIT_COMPILE_CUDA_NVRTC_LOG_H_
#define KILN_JIT_COMPILE_CUDA_NVRTC_LOG_H_

#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/diagnostic.h"

namespace kiln::jit {

// `file` of a message of the assembler about a line of the PTX that it was given. LocatePtx finds
// the line of the source.
inline constexpr char kPtxFile[] = "(ptx)";

// The messages of a log that NVRTC wrote while it compiled the source that it calls `source_name`.
//
// - Those of the front end have the line that NVRTC quotes, and the column of its caret. What led
//   to the instantiation of a template follows as notes. Warnings name the flag that silences them.
// - Those about a name expression have the file alone and quote the expression.
// - Those of the assembler have the option "ptxas"; the file is kPtxFile where they name a line,
//   else `source_name`. What it says of the registers used is a remark.
std::vector<Diagnostic> ParseNvrtcLog(std::string_view log, const std::string& source_name);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_NVRTC_LOG_H_
