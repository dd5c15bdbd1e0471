#ifndef KILN_JIT_COMPILE_CLANG_HEADER_GENERATION_H_
#define KILN_JIT_COMPILE_CLANG_HEADER_GENERATION_H_

#include <memory>
#include <string>

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Serialization/ASTWriter.h>

namespace kiln::jit {

// Turns the headers that are parsed into their precompiled form, in memory.
class HeaderGeneration {
 public:
  // What the parse by `clang`, which has a preprocessor, is to be given to.
  std::unique_ptr<clang::ASTConsumer> MakeConsumer(clang::CompilerInstance& clang);

  // The precompiled form; empty where the parse failed.
  std::string TakeBytes();

 private:
  std::shared_ptr<clang::PCHBuffer> buffer_ = std::make_shared<clang::PCHBuffer>();
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_HEADER_GENERATION_H_
