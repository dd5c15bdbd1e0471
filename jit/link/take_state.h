#ifndef KILN_JIT_LINK_TAKE_STATE_H_
#define KILN_JIT_LINK_TAKE_STATE_H_

#include <string>
#include <vector>

#include <llvm/ExecutionEngine/JITLink/JITLink.h>

#include "jit/link/image_symbols.h"

namespace kiln::jit {

// Whether `section` holds variables: all that may be written to, but for constants that only hold
// addresses, and so are written once by a linker.
bool HoldsVariables(const llvm::jitlink::Section& section);

// Binds the variables of `graph` that `image` has too to where they are there, and drops their
// definitions. Local symbols stay. Returns those that were bound. Throws LinkError where a variable
// has another size there: the two are not one program; `name` is that of the graph's artifact.
std::vector<const llvm::jitlink::Symbol*> TakeState(llvm::jitlink::LinkGraph* graph,
                                                    const ImageSymbols& image,
                                                    const std::string& name);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_TAKE_STATE_H_
