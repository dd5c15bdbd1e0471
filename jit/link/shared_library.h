#ifndef KILN_JIT_LINK_SHARED_LIBRARY_H_
#define KILN_JIT_LINK_SHARED_LIBRARY_H_

#include <string>

#include "jit/artifact/artifact.h"

namespace kiln::jit {

// Both write a file that other linkers and loaders read, and replace one that is there. Any number
// of threads may call them. They throw LinkError with the linker's words: where objects don't fit
// together, and where the file can't be written.

// The objects of `artifact` as one relocatable object.
void WriteObject(const Artifact& artifact, const std::string& path);

// `artifact` as a shared library, which does what the linked image does: references inside it stay
// inside, constructors run when it is loaded, destructors when it is unloaded. It needs the
// libraries that the artifact names and, of the runtime of the ABI, libstdc++, libgcc_s, libm and
// libc, those that it uses. Symbols that no one of them defines are left to the process that loads
// it.
void WriteSharedLibrary(const Artifact& artifact, const std::string& path);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_SHARED_LIBRARY_H_
