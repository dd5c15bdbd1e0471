// The main job: a kernel's source becomes a function of this process, is registered under a name,
// and is called on tensors; and the same source, built ahead of time, is called the same way.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <kiln/jit.h>
#include <kiln/kiln.h>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const fs::path kSampleDir = KILN_SAMPLE_DIR;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw kiln::Error("RuntimeError", "can't read '" + path.string() + "'");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A folder that goes when the program ends.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "kiln-quickstart-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw kiln::Error("RuntimeError", "can't make a folder like '" + name + "'");
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Compiles in this process.
kiln::Module CompileAtRunTime(const std::string& file) {
  return kiln::jit::Compile(ReadFile(kSampleDir / file), {.name = file});
}

// Builds a shared library with the system's compiler, and loads it.
kiln::Module BuildAheadOfTime(const std::string& file, const fs::path& folder) {
  const fs::path library = folder / "add_one.so";
  const std::string command = "cc -O2 -shared -fPIC -I'" KILN_C_INCLUDE_DIR "' '" +
                              (kSampleDir / file).string() + "' '" KILN_RUNTIME "' -o '" +
                              library.string() + "'";
  if (std::system(command.c_str()) != 0) throw kiln::Error("RuntimeError", "failed: " + command);
  return kiln::Module::LoadFromFile(library.string());
}

// Registers the module's add_one under `name`, looks it up by that name, and calls it on a vector.
std::vector<float> RegisterAndCall(const kiln::Module& module, const std::string& name) {
  kiln::GlobalFunction::Register(name, module.GetFunction("add_one"));

  const kiln::Function add_one = kiln::GlobalFunction::Get(name);
  const auto x = kiln::Tensor::Empty({8}, kiln::DataTypeOf<float>());
  const auto y = kiln::Tensor::Empty({8}, kiln::DataTypeOf<float>());
  float next = 0.5f;
  for (float& element : x.elements<float>()) element = next++;
  add_one(x, y);
  return {y.elements<float>().begin(), y.elements<float>().end()};
}

// Runs one way from source to first result, and prints its time and its result.
template <typename MakeModule>
std::vector<float> Show(const char* what, const char* name, MakeModule&& make_module) {
  const auto start = Clock::now();
  const std::vector<float> y = RegisterAndCall(make_module(), name);
  const std::chrono::duration<double, std::milli> time = Clock::now() - start;
  std::printf("  %-34s %8.2f ms   y =", what, time.count());
  for (const float element : y) std::printf(" %g", element);
  std::printf("\n");
  return y;
}

int Run() {
  const auto start = Clock::now();
  const std::string version = kiln::jit::Version();
  const std::chrono::duration<double, std::milli> time = Clock::now() - start;
  std::printf("Kiln %s, loaded in %.1f ms\n\nadd_one, from source to first result:\n",
              version.c_str(), time.count());

  const TemporaryFolder folder;
  const auto from_c = Show("add_one.c, at run time", "sample.add_one.c",
                           [] { return CompileAtRunTime("add_one.c"); });
  const auto from_ir = Show("add_one.ll, at run time", "sample.add_one.ll",
                            [] { return CompileAtRunTime("add_one.ll"); });
  const auto ahead = Show("add_one.c, ahead of time by cc -O2", "sample.add_one.aot",
                          [&] { return BuildAheadOfTime("add_one.c", folder.path()); });

  if (from_c != ahead || from_ir != ahead) {
    std::printf("\nthe results differ\n");
    return 1;
  }
  std::printf("\nall three agree\n");
  return 0;
}

}  // namespace

int main() {
  try {
    return Run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
