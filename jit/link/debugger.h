#ifndef KILN_JIT_LINK_DEBUGGER_H_
#define KILN_JIT_LINK_DEBUGGER_H_

#include <memory>
#include <string>

namespace kiln::jit {

// An object file that a debugger of this process reads, as long as this lives, by the interface
// that gdb and lldb know: it watches `__jit_debug_register_code`, and finds the objects by
// `__jit_debug_descriptor`. Costs a debugger that is attached the reading of the object, and nobody
// else anything. Any number of threads may make and destroy them, and children of fork.
class DebuggedObject {
 public:
  // `object` is an ELF file whose section headers say where the sections are in memory.
  explicit DebuggedObject(std::string object);
  ~DebuggedObject();
  DebuggedObject(const DebuggedObject&) = delete;
  DebuggedObject& operator=(const DebuggedObject&) = delete;

 private:
  struct Entry;

  const std::string object_;
  std::unique_ptr<Entry> entry_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_DEBUGGER_H_
