#ifndef KILN_TESTS_BENCH_PEER_COMPILER_H_
#define KILN_TESTS_BENCH_PEER_COMPILER_H_

#include <string>
#include <vector>

#include "kiln/any.h"

namespace kiln::testing {

using PackedFunction = int(void* self, const TVMFFIAny* args, int32_t count, TVMFFIAny* result);

// A compiler as a program of its own: what a framework without a JIT runs. Works in a temporary
// folder, which goes with it. Its programs run on the cores of the thread that starts them.
class PeerCompiler {
 public:
  PeerCompiler();
  ~PeerCompiler();
  PeerCompiler(const PeerCompiler&) = delete;
  PeerCompiler& operator=(const PeerCompiler&) = delete;

  // Writes `text` to a file with that suffix, runs `command` on it, which has to write a shared
  // library, and returns the path of that. Throws RuntimeError where the command fails.
  std::string Build(const std::string& text, const std::string& suffix,
                    std::vector<std::string> command);

 private:
  std::string folder_;
  int builds_ = 0;
};

// A shared library, open as long as this lives.
class OpenLibrary {
 public:
  // Throws RuntimeError where it can't be opened.
  explicit OpenLibrary(const std::string& path);
  ~OpenLibrary();
  OpenLibrary(const OpenLibrary&) = delete;
  OpenLibrary& operator=(const OpenLibrary&) = delete;

  // The packed function of that name. Throws RuntimeError where it is not there.
  PackedFunction* Find(const std::string& name) const;

 private:
  void* handle_;
};

// Runs a program, found in PATH, to its end. Throws RuntimeError where it does not exit with 0.
void RunProgram(std::vector<std::string> command);

}  // namespace kiln::testing

#endif  // KILN_TESTS_BENCH_PEER_COMPILER_H_
