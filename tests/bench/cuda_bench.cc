// A .cu to a loaded module, and what nvcc takes for the same text. Prints a line of JSON a kernel,
// with the seconds of each round: "kiln", "cubin" (nvcc -cubin) and "shared" (nvcc -shared of the
// whole source, which is not loaded). Arguments: the path of nvcc, the number of rounds, a folder
// to work in.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "kiln/jit.h"

namespace {

constexpr const char* kKernels[] = {"vector_add", "reduction", "sgemm", "half_axpy"};

double SecondsOf(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void Run(const std::string& command) {
  if (std::system(command.c_str()) == 0) return;
  std::cerr << "failed: " << command << "\n";
  std::exit(1);
}

std::string ListOf(const std::vector<double>& times) {
  std::string text;
  for (const double time : times) text += (text.empty() ? "" : ", ") + std::to_string(time);
  return "[" + text + "]";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: cuda_bench NVCC ROUNDS FOLDER\n";
    return 2;
  }
  const std::string nvcc = std::string(argv[1]) + " -arch=sm_90 -std=c++17 -O2 ";
  const int rounds = std::atoi(argv[2]);
  const std::string folder = argv[3];
  for (const char* kernel : kKernels) {
    const std::string path = std::string(KILN_CUDA_KERNELS) + "/" + kernel + ".cu";
    const std::string text = TextOf(path);
    const kiln::jit::CompileOptions options{
        .name = std::string(kernel) + ".cu",
        .more = {{"cuda_archs", kiln::Array<kiln::String>{"sm_90"}}}};
    const auto compile = [&] { kiln::jit::Compile(text, options); };
    compile();
    std::vector<double> kiln_times;
    std::vector<double> cubin_times;
    std::vector<double> shared_times;
    for (int round = 0; round < rounds; ++round) {
      kiln_times.push_back(SecondsOf(compile));
      cubin_times.push_back(
          SecondsOf([&] { Run(nvcc + "-cubin " + path + " -o " + folder + "/k.cubin"); }));
      shared_times.push_back(SecondsOf(
          [&] { Run(nvcc + "-shared -Xcompiler -fPIC " + path + " -o " + folder + "/k.so"); }));
    }
    std::cout << "{\"kernel\": \"" << kernel << "\", \"kiln\": " << ListOf(kiln_times)
              << ", \"cubin\": " << ListOf(cubin_times) << ", \"shared\": " << ListOf(shared_times)
              << "}" << std::endl;
  }
}
