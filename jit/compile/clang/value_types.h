#ifndef KILN_JIT_COMPILE_CLANG_VALUE_TYPES_H_
#define KILN_JIT_COMPILE_CLANG_VALUE_TYPES_H_

#include <optional>
#include <string>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Type.h>

#include "jit/artifact/signature.h"

namespace kiln::jit {

// A type of C or C++ as one that travels by the packed convention; nullopt where it does not.
std::optional<ValueType> ParameterType(clang::QualType type, const clang::ASTContext& context);
std::optional<ValueType> ResultType(clang::QualType type, const clang::ASTContext& context);

// Why a type does not travel, and what to do: the end of "parameter 1 ('p') is ...".
std::string UnsupportedText(clang::QualType type, const clang::ASTContext& context);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_VALUE_TYPES_H_
