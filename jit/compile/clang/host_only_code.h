#ifndef KILN_JIT_COMPILE_CLANG_HOST_ONLY_CODE_H_
#define KILN_JIT_COMPILE_CLANG_HOST_ONLY_CODE_H_

#include <memory>
#include <string>

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>

#include "jit/compile/clang/device_texts.h"

namespace kiln::jit {

// Watches a parse of CUDA and finds what only the host can compile.
class HostOnlyCode {
 public:
  explicit HostOnlyCode(DeviceHasHeader has_header);
  ~HostOnlyCode();
  HostOnlyCode(const HostOnlyCode&) = delete;
  HostOnlyCode& operator=(const HostOnlyCode&) = delete;

  // Has the parse that `clang` is about to start watched. The consumer must not outlive this. It
  // has the bodies of device functions skipped, where the front end's options allow that, and gives
  // kernels an empty one. It must stand before the consumer that generates code.
  std::unique_ptr<clang::ASTConsumer> Watch(clang::CompilerInstance* clang);

  // What was found, after the parse and while its source manager is there. `source` is the text of
  // the source, to which Clang's may have something added.
  DeviceTexts Texts(const std::string& source) const;

 private:
  class Consumer;
  class Includes;
  struct Found;

  std::unique_ptr<Found> found_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_HOST_ONLY_CODE_H_
