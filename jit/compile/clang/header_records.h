#ifndef KILN_JIT_COMPILE_CLANG_HEADER_RECORDS_H_
#define KILN_JIT_COMPILE_CLANG_HEADER_RECORDS_H_

#include <memory>
#include <vector>

#include <clang/Frontend/CompilerInstance.h>

#include "jit/artifact/artifact.h"

namespace kiln::jit {

// Notes every header that a run of Clang reads. For one run.
class HeaderRecords {
 public:
  HeaderRecords();

  // Has notes taken of what `preprocessor` reads, or the one that `clang` will make. Call before
  // the run.
  void Watch(clang::Preprocessor* preprocessor);
  void Watch(clang::CompilerInstance* clang);

  // The headers that were read, in the order of their first #include, each with the digest of its
  // text. Call after the run, while the compiler instance lives.
  std::vector<HeaderRecord> Take(const clang::CompilerInstance& clang) const;

 private:
  class Collector;
  std::shared_ptr<Collector> collector_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_HEADER_RECORDS_H_
