#include "jit/compile/clang/cc1_arguments.h"

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <string_view>

#include "jit/compile/clang/cxx_library.h"
#include "jit/compile/clang/flags.h"
#include "jit/compile/clang/header_files.h"
#include "jit/compile/llvm/address_sanitizer.h"
#include "jit/compile/llvm/undefined_behavior.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr char kAnyFile[] = "/@kiln/cuda/host_defines.h";
constexpr const char* kLibcFolders[] = {"/usr/local/include", "/usr/include/x86_64-linux-gnu",
                                        "/usr/include"};

class Arguments {
 public:
  void Add(std::initializer_list<std::string_view> arguments) {
    for (const std::string_view argument : arguments) list_.emplace_back(argument);
  }
  std::vector<std::string> Take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

void AddTarget(const TargetSpec& target, Arguments* arguments) {
  arguments->Add({"-triple", target.triple, "-target-cpu", target.cpu});
  arguments->Add({"-mrelocation-model", "pic", "-pic-level", "2", "-mframe-pointer=none"});
}

void AddFloatingPoint(const CompileOptions& options, Arguments* arguments) {
  if (options.fast_math) {
    arguments->Add({"-ffast-math", "-ffinite-math-only", "-menable-no-infs", "-menable-no-nans",
                    "-fapprox-func", "-funsafe-math-optimizations", "-fno-signed-zeros",
                    "-mreassociate", "-freciprocal-math", "-ffp-contract=fast",
                    "-complex-range=basic"});
  } else {
    arguments->Add({"-fmath-errno", "-ffp-contract=" + options.fp_contract});
  }
  arguments->Add({"-fno-rounding-math"});
}

bool Has(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

void AddSanitizers(const CompileOptions& options, Arguments* arguments) {
  if (Has(options.sanitize, "undefined")) {
    // Handlers that may return, as Clang has it: the engine's throw, through C as well.
    const std::string checks = kUndefinedBehaviorChecks;
    arguments->Add({"-fsanitize=" + checks, "-fsanitize-recover=" + checks, "-fexceptions",
                    "-funwind-tables=2"});
  }
  if (Has(options.sanitize, "address")) {
    CheckAddressSanitizerRuns();
    arguments->Add({"-fsanitize=address"});
  }
}

void AddFolder(std::string_view kind, const std::string& folder, Arguments* arguments) {
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) arguments->Add({kind, folder});
}

// The user's headers come first, then the headers in memory, then the machine's, then the few that
// stand in where the machine has none. The C++ library's stand before the C library's, which it
// wraps.
void AddHeaders(Language language, const CompileOptions& options, Arguments* arguments) {
  arguments->Add({"-nostdsysteminc", "-nobuiltininc", "-resource-dir", kClangResources});
  if (!options.headers.empty()) arguments->Add({std::string("-I") + kUserHeaders});
  for (const std::string& folder : options.include_dirs) arguments->Add({"-I" + folder});
  if (language == Language::kCuda) arguments->Add({"-internal-isystem", kCudaHeaders});
  arguments->Add({"-internal-isystem", kAbiHeaders});
  if (IsCxx(language) && options.system_headers) {
    for (const std::string& folder : CxxLibraryFolders()) {
      arguments->Add({"-internal-isystem", folder});
    }
  }
  arguments->Add({"-internal-isystem", kClangHeaders});
  if (options.system_headers) {
    for (const char* folder : kLibcFolders) {
      AddFolder("-internal-externc-isystem", folder, arguments);
    }
  }
  arguments->Add({"-internal-externc-isystem", kLibcHeaders});
}

// The host part alone: Clang leaves a launch stub of each kernel. It registers kernels only where
// there is device code to register them with, whose place any file holds until
// CompleteRegistration; and it launches them by cudaLaunchKernel only for versions of CUDA that it
// knows.
void AddCuda(const TargetSpec& target, Arguments* arguments) {
  arguments->Add({"-aux-triple", target.triple, "-target-sdk-version=12.5",
                  "-fcuda-allow-variadic-functions", "-fcuda-include-gpubinary", kAnyFile,
                  "-include", "cuda_runtime.h"});
}

void AddLanguage(Language language, const CompileOptions& options, const TargetSpec& target,
                 Arguments* arguments) {
  const bool cxx = IsCxx(language);
  std::string standard = options.standard;
  const bool cuda = language == Language::kCuda;
  if (standard.empty()) standard = cuda ? "gnu++17" : cxx ? "gnu++20" : "gnu17";
  if ((standard.find("++") != std::string::npos) != cxx) {
    throw kiln::Error("ValueError", "std '" + standard + "' is not one of language '" +
                                        std::string(LanguageName(language)) +
                                        "': leave it out, or compile the sources apart");
  }
  arguments->Add({"-x", LanguageName(language), "-std=" + standard});
  if (!cxx) return;
  arguments->Add({"-fcxx-exceptions", "-fexceptions", "-funwind-tables=2", "-fdeprecated-macro",
                  "-fpch-instantiate-templates", "-mconstructor-aliases", "-D_GNU_SOURCE"});
  if (cuda) AddCuda(target, arguments);
}

}  // namespace

std::vector<std::string> Cc1Arguments(Language language, const CompileOptions& options,
                                      const TargetSpec& target) {
  Arguments arguments;
  AddLanguage(language, options, target, &arguments);
  AddTarget(target, &arguments);
  AddFloatingPoint(options, &arguments);
  AddHeaders(language, options, &arguments);
  for (const std::string& define : options.defines) arguments.Add({"-D" + define});

  arguments.Add({"-O" + std::to_string(options.opt_level)});
  if (options.opt_level >= 2) arguments.Add({"-vectorize-loops", "-vectorize-slp"});
  // ModuleToArtifact optimises. With its own pipeline on, Clang would do the same work before.
  arguments.Add({"-disable-llvm-passes"});
  if (options.debug_info) {
    arguments.Add({"-debug-info-kind=constructor", "-dwarf-version=5", "-debugger-tuning=gdb"});
  }
  // Code keeps track of its lines, but the object has nothing of that.
  if (options.remarks) arguments.Add({"-Rpass=."});
  AddSanitizers(options, &arguments);
  if (options.openmp) arguments.Add({"-fopenmp", "-fopenmp-version=51"});
  // Pragmas that crash Clang on purpose leave a timer on the stack that others link to.
  arguments.Add({"-disable-pragma-debug-crash"});
  arguments.Add({"-fgnuc-version=4.2.1", "-ferror-limit", "100", "-fno-caret-diagnostics"});
  // Any comment before an exported function is its documentation.
  if (!options.exports.empty()) arguments.Add({"-fparse-all-comments"});
  std::vector<std::string> list = arguments.Take();
  for (const std::string& flag : options.flags) AddFlag(flag, &list);
  return list;
}

}  // namespace kiln::jit
