#ifndef KILN_TESTS_JIT_COMPILE_COMPILE_H_
#define KILN_TESTS_JIT_COMPILE_COMPILE_H_

#include <string>
#include <utility>

#include "jit/compile/compiler.h"
#include "tests/jit/artifact/thrown.h"

namespace kiln::jit {

inline const Compiler& Clang() {
  static const std::unique_ptr<Compiler> kCompiler = MakeClangCompiler();
  return *kCompiler;
}

inline const Compiler& Llvm() {
  static const std::unique_ptr<Compiler> kCompiler = MakeLlvmCompiler();
  return *kCompiler;
}

// Checks and compiles, as a session does.
inline Artifact CompileWith(const Compiler& compiler, const Source& source,
                            const CompileOptions& options) {
  CheckSource(source);
  CheckOptions(options, {&source.language, 1});
  CompileReport report;
  return compiler.Compile(source, options, &report);
}

inline Artifact CompileC(std::string text, const CompileOptions& options = {}) {
  return CompileWith(Clang(), {Language::kC, "k.c", std::move(text)}, options);
}

inline Artifact CompileCxx(std::string text, const CompileOptions& options = {}) {
  return CompileWith(Clang(), {Language::kCxx, "k.cc", std::move(text)}, options);
}

inline Artifact CompileIr(std::string text, const CompileOptions& options = {}) {
  return CompileWith(Llvm(), {Language::kLlvmIr, "k.ll", std::move(text)}, options);
}

inline Artifact CompileBitcode(std::string bytes, const CompileOptions& options = {}) {
  return CompileWith(Llvm(), {Language::kLlvmBitcode, "k.bc", std::move(bytes)}, options);
}

inline CompileOptions AtLevel(int opt_level) {
  CompileOptions options;
  options.opt_level = opt_level;
  return options;
}

// Compiles from memory alone.
inline CompileOptions Hermetic() {
  CompileOptions options;
  options.system_headers = false;
  return options;
}

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_COMPILE_COMPILE_H_
