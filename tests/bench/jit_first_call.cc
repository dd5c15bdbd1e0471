// A fresh process: the seconds from before the engine is loaded until the first function that it
// compiles, at opt_level 0, has been called.
//
//   jit_first_call FOLDER
//
// FOLDER has tiny.c and tiny_abi.h. jit_bench runs this program.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "kiln/jit.h"
#include "kiln/kiln.h"

namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string folder = argc > 1 ? argv[1] : ".";
    const std::string source = ReadFile(folder + "/tiny.c");
    const kiln::Tensor x = kiln::Tensor::Empty({16}, kiln::DataTypeOf<float>());
    const kiln::Tensor y = kiln::Tensor::Empty({16}, kiln::DataTypeOf<float>());
    kiln::Map<kiln::String, kiln::Any> headers;
    headers.Set("tiny_abi.h", kiln::String(ReadFile(folder + "/tiny_abi.h")));

    const auto start = std::chrono::steady_clock::now();
    const kiln::Module module = kiln::jit::Compile(
        source, {.name = "tiny.c", .opt_level = 0, .more = {{"headers", headers}}});
    module.GetFunction("tiny")(x, y);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    std::printf("%.9f\n", time.count());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
