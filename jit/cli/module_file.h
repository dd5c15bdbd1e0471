// Modules from files, whatever their kind: sources are compiled, module files are loaded.
#ifndef KILN_JIT_CLI_MODULE_FILE_H_
#define KILN_JIT_CLI_MODULE_FILE_H_

#include <string>

#include <kiln/jit.h>

namespace kiln::cli {

struct OpenedModule {
  Module module;
  std::string warnings;       // the compiler's, as text; empty for a loaded module
  double engine_seconds = 0;  // to load the engine; 0 where the file needs none
  double open_seconds = 0;    // to read the file and to compile or load it
};

// True if the suffix of `file` is .so or .kiln: such a file is loaded, any other compiled.
bool IsModuleFile(const std::string& file);

// Loads `file` if it is a module file, else compiles it with `options`, whose `name` is set from
// it. Throws RuntimeError if the file can't be read, and what compiling or loading throws.
OpenedModule OpenModule(const std::string& file, kiln::jit::CompileOptions options);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_MODULE_FILE_H_
