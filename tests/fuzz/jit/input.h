#ifndef KILN_TESTS_FUZZ_JIT_INPUT_H_
#define KILN_TESTS_FUZZ_JIT_INPUT_H_

#include <optional>
#include <string_view>

#include "jit/session.h"

namespace kiln::fuzz {

// What an input is read as: C source, LLVM IR as text, LLVM bitcode, an ELF object or an archive of
// them, or options with a source of any of these languages.
enum class InputKind { kC, kIr, kBitcode, kObject, kOptions };

// "c", "ir", "bitcode", "object" or "options"; nullopt for any other name.
std::optional<InputKind> InputKindOf(std::string_view name);

// The request that `bytes` stand for. A text may begin with lines that set options, as a command
// line does, one each:
//
//   //! opt_level=3            in C
//   ;! opt_level=3             in LLVM IR
//
// `language=NAME` is one of them, for inputs of kind options. Where no line says so, headers come
// from memory alone, and all but inputs of kind options are compiled at level 1. Left out is what
// reaches beyond this process: shared libraries to load, worker processes. Throws kiln::Error where
// the options are refused.
jit::Request RequestOf(InputKind kind, std::string_view bytes);

}  // namespace kiln::fuzz

#endif  // KILN_TESTS_FUZZ_JIT_INPUT_H_
