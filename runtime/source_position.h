// Where code comes from: functions, files and lines by the debug information (DWARF) of the file
// that it was loaded from.
//
// The reader is GCC's libbacktrace. Its own list of the process's objects is made once and never
// changed, so it is shown one file at a time: what it knows of a file holds wherever that is
// loaded, and files that are loaded later are found like all others.
//
// What has been read of a file stays for ever (libbacktrace can't free it), once per file and not
// per load. A program that loads more than 1024 files with debug information, and meets errors in
// all of them, sees no lines for the rest.
#ifndef KILN_RUNTIME_SOURCE_POSITION_H_
#define KILN_RUNTIME_SOURCE_POSITION_H_

#include <string>
#include <vector>

struct dl_find_object;

namespace kiln::runtime {

struct SourcePosition {
  std::string file;
  int line;
  std::string function;  // as the linker names it; empty if not known
};

// The position of an instruction in the object that was found around it: the innermost inlined
// function first, the one that has them all inlined last. Empty where no debug information tells.
//
// Costs a few file operations at least, and the first time for a file as much as all its debug
// information takes to read. Threads that ask for the same file wait for each other. Throws
// std::bad_alloc.
std::vector<SourcePosition> SourcePositionsOf(const void* instruction, const dl_find_object& found);

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_SOURCE_POSITION_H_
