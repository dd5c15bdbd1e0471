#ifndef KILN_JIT_LINK_MERGE_GRAPHS_H_
#define KILN_JIT_LINK_MERGE_GRAPHS_H_

#include <string>
#include <vector>

#include "jit/link/object_graphs.h"

namespace kiln::jit {

// One graph of all `objects`, called `name`: what a static linker makes of them. All its code and
// data are placed together, so that hidden symbols of one object are near the code of another.
//
// Of several definitions of a symbol one is taken: the strong one, else the largest common one,
// else the first weak one; what only the others need falls out when the graph is linked. Throws
// LinkError where two objects define a symbol strongly: names each such symbol and the objects.
//
// The blocks of a section follow one another in the order of the objects. The result refers to
// `objects`.
ObjectGraph MergeGraphs(const std::vector<ObjectGraph>& objects, const std::string& name);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_MERGE_GRAPHS_H_
