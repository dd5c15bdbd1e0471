#ifndef KILN_JIT_LINK_CODE_LINES_H_
#define KILN_JIT_LINK_CODE_LINES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/link/linker.h"

namespace kiln::jit {

// Which function and which line of a source the code at an address belongs to.
class CodeLines {
 public:
  struct Place {
    const char* function = nullptr;  // as users know it; null where no code known here is there
    uintptr_t offset = 0;            // from the start of the function
    const char* file = nullptr;      // null without debug information
    uint32_t line = 0;               // 0 where no line is known
  };

  CodeLines() = default;

  // Of the functions of `image`, which was linked from `artifact`: all in sections that have a
  // global function. Lines come from the objects' DWARF. Objects that can't be read add nothing.
  CodeLines(const Artifact& artifact, const LoadedImage& image);

  // Allocates nothing and takes no lock: a signal handler may call it.
  Place Find(uintptr_t address) const noexcept;

 private:
  struct Function {
    uintptr_t begin;
    uintptr_t end;
    uint32_t name;  // in names_
  };
  struct Row {
    uintptr_t begin;
    uint32_t file;  // in names_
    uint32_t line;  // 0: no line from here on
  };
  class Reader;

  std::vector<std::string> names_;
  std::vector<Function> functions_;  // these by address
  std::vector<Row> rows_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_CODE_LINES_H_
