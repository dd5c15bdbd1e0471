// Addresses that libraries ask for by name instead of linking against them: a library that defines
// a pointer variable of that name (by custom it begins with two underscores) finds it set when it
// has been loaded as a module.
#ifndef KILN_RUNTIME_CONTEXT_SYMBOLS_H_
#define KILN_RUNTIME_CONTEXT_SYMBOLS_H_

#include <string>
#include <utility>
#include <vector>

namespace kiln::runtime {

// Every registered name and its address. Any thread. Throws std::bad_alloc.
std::vector<std::pair<std::string, void*>> ContextSymbols();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_CONTEXT_SYMBOLS_H_
