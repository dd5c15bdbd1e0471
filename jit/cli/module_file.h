// Modules from files, whatever their kind: sources are compiled, module files are loaded.
#ifndef KILN_JIT_CLI_MODULE_FILE_H_
#define KILN_JIT_CLI_MODULE_FILE_H_

#include <string>
#include <vector>

#include <kiln/jit.h>

namespace kiln::cli {

struct OpenedModule {
  Module module;
  bool compiled = false;      // from sources, in this process
  double engine_seconds = 0;  // to load the engine; 0 where the file needs none
  double open_seconds = 0;    // to read the file and to compile or load it
};

// True if the suffix of `file` is .so or .kiln: such a file is loaded, any other compiled.
bool IsModuleFile(const std::string& file);

// True if `word` is the name of a source by its suffix (.c, .cc, .cu, ...), and no argument of a
// call.
bool IsSourceName(const std::string& word);

// Sources, and how to compile them.
struct SourceTexts {
  std::vector<kiln::jit::NamedSource> sources;
  kiln::jit::CompileOptions options;
};

// Reads sources. Adds to `options` the folders that they find their headers in and, of a single
// one, its name. Throws RuntimeError if a file can't be read, ValueError where one is a module
// file.
SourceTexts ReadSources(const std::vector<std::string>& files, kiln::jit::CompileOptions options);

// Loads the file if it is a module file, else compiles all of `files` into one module with
// `options`, whose `name` is set from a single one. Throws RuntimeError if a file can't be read,
// ValueError where a module file is one of several, and what compiling or loading throws.
// Precondition: there is a file.
OpenedModule OpenModule(const std::vector<std::string>& files, kiln::jit::CompileOptions options);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_MODULE_FILE_H_
