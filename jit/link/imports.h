#ifndef KILN_JIT_LINK_IMPORTS_H_
#define KILN_JIT_LINK_IMPORTS_H_

#include <string>
#include <vector>

#include "jit/link/linker.h"
#include "jit/link/object_graphs.h"
#include "jit/link/shared_libraries.h"

namespace kiln::jit {

// Binds what `graph` refers to and does not define, each to where it is found first: in `inputs`,
// among what images bring with them, in the ABI, in `libraries`, in `builtins`, in the process. A
// weak symbol that no one has becomes null. `graph` is what `objects` became, and `name` the
// artifact's.
//
// Throws LinkError where symbols are missing: names each, the functions that refer to it and the
// nearest name that is known; and where `inputs` give a symbol the address zero.
void BindImports(llvm::jitlink::LinkGraph* graph, const std::vector<ObjectGraph>& objects,
                 const LinkInputs& inputs, const SharedLibraries& libraries,
                 const AddressMap& builtins, const std::string& name);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_IMPORTS_H_
