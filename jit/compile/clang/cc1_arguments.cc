#include "jit/compile/clang/cc1_arguments.h"

#include <filesystem>
#include <initializer_list>
#include <string_view>

#include "jit/compile/clang/header_files.h"

namespace kiln::jit {
namespace {

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
  for (const std::string& feature : SplitFeatures(target.features)) {
    arguments->Add({"-target-feature", feature});
  }
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

// The user's folders come first, then the headers in memory, then the machine's, then the few that
// stand in where the machine has none.
void AddHeaders(const CompileOptions& options, Arguments* arguments) {
  arguments->Add({"-nostdsysteminc", "-nobuiltininc", "-resource-dir", kClangResources});
  for (const std::string& folder : options.include_dirs) arguments->Add({"-I" + folder});
  arguments->Add({"-internal-isystem", kAbiHeaders, "-internal-isystem", kClangHeaders});
  if (options.system_headers) {
    for (const char* folder : kLibcFolders) {
      std::error_code ignored;
      if (std::filesystem::is_directory(folder, ignored)) {
        arguments->Add({"-internal-externc-isystem", folder});
      }
    }
  }
  arguments->Add({"-internal-externc-isystem", kLibcHeaders});
}

}  // namespace

std::vector<std::string> Cc1Arguments(const CompileOptions& options, const TargetSpec& target) {
  Arguments arguments;
  arguments.Add({"-x", "c", "-std=" + (options.standard.empty() ? "gnu17" : options.standard)});
  AddTarget(target, &arguments);
  AddFloatingPoint(options, &arguments);
  AddHeaders(options, &arguments);
  for (const std::string& define : options.defines) arguments.Add({"-D" + define});

  arguments.Add({"-O" + std::to_string(options.opt_level)});
  if (options.opt_level >= 2) arguments.Add({"-vectorize-loops", "-vectorize-slp"});
  // ModuleToArtifact optimises. With its own pipeline on, Clang would do the same work before.
  arguments.Add({"-disable-llvm-passes"});
  if (options.debug_info) {
    arguments.Add({"-debug-info-kind=constructor", "-dwarf-version=5", "-debugger-tuning=gdb"});
  }
  arguments.Add({"-fgnuc-version=4.2.1", "-ferror-limit", "100", "-fno-caret-diagnostics"});
  return arguments.Take();
}

}  // namespace kiln::jit
