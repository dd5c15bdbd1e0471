#include "jit/compile/clang/flags.h"

#include <string_view>

#include <clang/Driver/Options.h>
#include <llvm/Option/ArgList.h>
#include <llvm/Option/OptTable.h>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

// What is said here better, by another option.
struct Instead {
  std::string_view prefix;
  std::string_view option;
};
constexpr Instead kInstead[] = {
    {"-O", "opt_level"},
    {"-march", "cpu"},
    {"-mcpu", "cpu"},
    {"-mtune", "cpu"},
    {"-target", "cpu"},
    {"-std", "std"},
    {"-x", "language"},
    {"-D", "defines"},
    {"-I", "include_dirs"},
    {"-isystem", "include_dirs"},
    {"-include", "headers"},
    {"-g", "debug_info"},
    {"-l", "libraries"},
    {"-L", "libraries"},
    {"-fopenmp", "openmp"},
    {"-fsanitize", "sanitize"},
    {"-ffast-math", "fast_math"},
    {"-ffp-contract", "fp_contract"},
    {"-fveclib", "veclib"},
    {"-Rpass", "remarks"},
};

// Options that Clang's driver translates for its front end: what the front end is not told for
// them, and what it is.
struct Translation {
  std::string_view flag;
  std::string_view removed;
  std::string_view added;
};
constexpr Translation kTranslations[] = {
    {"-fmath-errno", "", "-fmath-errno"},
    {"-fno-math-errno", "-fmath-errno", ""},
    {"-fno-strict-aliasing", "", "-relaxed-aliasing"},
    {"-fstrict-aliasing", "-relaxed-aliasing", ""},
    {"-fassociative-math", "", "-mreassociate"},
    {"-fno-associative-math", "-mreassociate", ""},
    {"-ftrapping-math", "", "-ffp-exception-behavior=strict"},
    {"-fno-trapping-math", "", "-ffp-exception-behavior=ignore"},
    {"-fno-omit-frame-pointer", "-mframe-pointer=none", "-mframe-pointer=all"},
    {"-fomit-frame-pointer", "", ""},
};

[[noreturn]] void Refuse(const std::string& flag, const std::string& why) {
  throw kiln::Error("ValueError", "flags: '" + flag + "' " + why);
}

// Only what warns or changes how code is made. The rest reads and writes files, or runs another
// action than a compile.
bool IsHarmless(std::string_view flag) {
  return flag.starts_with("-W") || flag.starts_with("-f") || flag.starts_with("-m") ||
         flag == "-w" || flag == "-pedantic" || flag == "-pedantic-errors";
}

}  // namespace

void AddFlag(const std::string& flag, std::vector<std::string>* arguments) {
  for (const Translation& translation : kTranslations) {
    if (translation.flag != flag) continue;
    std::erase(*arguments, translation.removed);
    if (!translation.added.empty()) arguments->emplace_back(translation.added);
    return;
  }
  for (const auto& [prefix, option] : kInstead) {
    const bool whole_word = prefix.size() > 2;
    if (whole_word ? flag == prefix || flag.starts_with(std::string(prefix) + "=")
                   : flag.starts_with(prefix)) {
      Refuse(flag, "is said by the option " + std::string(option));
    }
  }
  const llvm::opt::OptTable& options = clang::driver::getDriverOptTable();
  const char* const words[] = {flag.c_str()};
  unsigned missing_index = 0;
  unsigned missing_count = 0;
  const llvm::opt::InputArgList parsed =
      options.ParseArgs(words, missing_index, missing_count,
                        llvm::opt::Visibility(clang::driver::options::CC1Option));
  for (const llvm::opt::Arg* argument : parsed) {
    if (argument->getOption().getKind() != llvm::opt::Option::UnknownClass &&
        argument->getOption().getKind() != llvm::opt::Option::InputClass && missing_count == 0) {
      continue;
    }
    std::string nearest;
    const unsigned distance = options.findNearest(
        flag, nearest, llvm::opt::Visibility(clang::driver::options::CC1Option));
    Refuse(flag, "is no option of Clang's front end" +
                     (distance <= 2 ? "; did you mean '" + nearest + "'?" : std::string()));
  }
  if (!IsHarmless(flag)) Refuse(flag, "is not one of -W..., -f..., -m..., -w, -pedantic");
  arguments->push_back(flag);
}

}  // namespace kiln::jit
