#ifndef KILN_JIT_COMPILE_CUDA_PTX_LINES_H_
#define KILN_JIT_COMPILE_CUDA_PTX_LINES_H_

#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/diagnostic.h"
#include "jit/compile/cuda/device_source.h"

namespace kiln::jit {

// Moves messages of the assembler to the source that they are about.
//
// `ptx` is what the assembler was given, compiled with line information. A message about one of its
// lines (kPtxFile) goes to the line that this was made from, and its note shows the instruction;
// one that quotes a function goes to where that begins. Symbols in the messages are shown as C++
// names, sizes as decimal numbers. The source's own text and headers give the quoted lines.
void LocatePtx(std::string_view ptx, const DeviceSource& source,
               std::vector<Diagnostic>* diagnostics);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_PTX_LINES_H_
