#ifndef KILN_JIT_COMPILE_CLANG_PARSE_SOURCE_H_
#define KILN_JIT_COMPILE_CLANG_PARSE_SOURCE_H_

#include <functional>
#include <memory>

#include <clang/AST/ASTConsumer.h>
#include <clang/Basic/LangOptions.h>
#include <clang/Frontend/CompilerInstance.h>
#include <llvm/Support/MemoryBufferRef.h>

#include "jit/compile/clang/header_records.h"

namespace kiln::jit {

// Has `clang`, which Groundwork::SetUp has given its options and target, and which has a file
// manager and diagnostics, parse `text`, and hands what is parsed to the consumer that
// `make_consumer` makes when preprocessor and AST are there. Leading headers come from their
// precompiled form where the preprocessor's options name one. With `as_file` the consumer finds the
// text as a file. `kind` tells whether the text is a whole source or headers to precompile. Returns
// whether there was no error.
//
// This is what CompilerInstance::ExecuteAction does with Clang's own actions, less
// what no compile of a kernel needs: with a precompiled header the text of the predefined macros,
// which are in there, is not made again.
bool ParseSource(llvm::MemoryBufferRef text, bool as_file, clang::TranslationUnitKind kind,
                 const std::function<std::unique_ptr<clang::ASTConsumer>()>& make_consumer,
                 HeaderRecords* headers, clang::CompilerInstance* clang);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_PARSE_SOURCE_H_
