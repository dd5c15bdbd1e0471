#include "jit/compile/cuda/device_options.h"

#include <string_view>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr int kMostRegisters = 255;

// What NVRTC is told, and why a flag may not say it.
struct Refusal {
  std::string_view flag;
  std::string_view why;
};
constexpr Refusal kRefusals[] = {
    {"arch", "is said by the option cuda_archs"},
    {"gpu-architecture", "is said by the option cuda_archs"},
    {"std", "is said by the option std"},
    {"include-path", "is said by the option include_dirs"},
    {"define-macro", "is said by the option defines"},
    {"include", "is said by the option headers"},
    {"pre-include", "is said by the option headers"},
    {"device-debug", "is said by the option device_debug"},
    {"G", "is said by the option device_debug"},
    {"lineinfo", "is said by the option lineinfo"},
    {"generate-line-info", "is said by the option lineinfo"},
    {"use_fast_math", "is said by the option fast_math"},
    {"maxrregcount", "is said by the option max_registers"},
    {"frandom-seed", "is always the same, so that the code is"},
    {"dlto", "is said by an architecture such as lto_90"},
    {"dlink-time-opt", "is said by an architecture such as lto_90"},
    {"gen-opt-lto", "is said by an architecture such as lto_90"},
    {"optix-ir", "would make code that is none of cubin, PTX and LTO-IR"},
    {"tile", "would make code that is none of cubin, PTX and LTO-IR"},
    {"rdc", "would make code that must be linked before it can be loaded"},
    {"relocatable-device-code", "would make code that must be linked before it can be loaded"},
    {"dc", "would make code that must be linked before it can be loaded"},
    {"device-c", "would make code that must be linked before it can be loaded"},
    {"dw", "would make no code of its own"},
    {"device-w", "would make no code of its own"},
    {"ewp", "would make code that must be linked before it can be loaded"},
    {"extensible-whole-program", "would make code that must be linked before it can be loaded"},
    {"fdevice-syntax-only", "would make no code"},
    {"device-syntax-only", "would make no code"},
    {"o", "names a file"},
    {"output-file", "names a file"},
    {"time", "would write a file"},
    {"fdevice-time-trace", "would write a file"},
    {"device-time-trace", "would write a file"},
    {"keep", "would write files"},
    {"pch", "is not needed: headers are precompiled where that pays"},
    {"create-pch", "is not needed: headers are precompiled where that pays"},
    {"use-pch", "is not needed: headers are precompiled where that pays"},
    {"pch-dir", "is not needed: headers are precompiled where that pays"},
    {"pch-verbose", "is not needed: headers are precompiled where that pays"},
    {"pch-messages", "is not needed: headers are precompiled where that pays"},
    {"brief-diagnostics", "would take the source lines out of the messages"},
    {"help", "would make no code"},
    {"h", "would make no code"},
    {"version", "would make no code"},
    {"V", "would make no code"},
};
// The same for flags whose value follows at once.
constexpr Refusal kRefusedLetters[] = {
    {"I", "is said by the option include_dirs"},
    {"D", "is said by the option defines"},
};

[[noreturn]] void Refuse(const std::string& flag, std::string_view why) {
  throw kiln::Error("ValueError", "nvrtc_flags: '" + flag + "' " + std::string(why));
}

void CheckFlag(const std::string& flag) {
  if (!flag.starts_with('-')) Refuse(flag, "is no option: each is one word and begins with '-'");
  std::string_view name = flag;
  name.remove_prefix(flag.starts_with("--") ? 2 : 1);
  name = name.substr(0, name.find('='));
  for (const auto& [refused, why] : kRefusals) {
    if (name == refused) Refuse(flag, why);
  }
  if (flag.starts_with("--")) return;
  for (const auto& [letter, why] : kRefusedLetters) {
    if (name.starts_with(letter)) Refuse(flag, why);
  }
}

void CheckRange(std::string_view option, int value, int min, int max) {
  if (value >= min && value <= max) return;
  throw kiln::Error("ValueError", std::string(option) + " must be " + std::to_string(min) + ".." +
                                      std::to_string(max) + ", got " + std::to_string(value));
}

// NVRTC knows no GNU dialects; its own language has what device code may use of them.
std::string StandardOf(const Nvrtc& nvrtc, const std::string& asked) {
  std::string standard = asked.empty() ? "c++17" : asked;
  if (standard.starts_with("gnu++")) standard.replace(0, 3, "c");
  const bool has_23 = nvrtc.IsAtLeast(13, 0);
  if (standard == "c++17" || standard == "c++20" || (standard == "c++23" && has_23)) {
    return standard;
  }
  throw kiln::Error("ValueError",
                    "std must be one of 'c++17', 'c++20'" + std::string(has_23 ? ", 'c++23'" : "") +
                        " for device code by NVRTC " + nvrtc.Version() + ", got '" + asked + "'");
}

}  // namespace

std::vector<std::string> NvrtcOptions(const Nvrtc& nvrtc, const DeviceSource& source,
                                      const DeviceOptions& options) {
  CheckRange("opt_level", options.opt_level, 0, 3);
  CheckRange("max_registers", options.max_registers, 0, kMostRegisters);
  std::vector<std::string> words = {
      "--std=" + StandardOf(nvrtc, source.standard),
      "--device-int128",
  };
  // Else the names of kernels in anonymous namespaces have the number of the process in them.
  if (nvrtc.IsAtLeast(12, 9)) words.emplace_back("--frandom-seed=kiln");
  if (options.opt_level < 2 && !options.debug) {
    words.push_back("-Xptxas=-O" + std::to_string(options.opt_level));
  }
  if (options.fast_math) words.emplace_back("--use_fast_math");
  if (options.max_registers != 0) {
    words.push_back("--maxrregcount=" + std::to_string(options.max_registers));
  }
  if (options.debug) {
    words.emplace_back("--device-debug");
  } else if (options.line_info) {
    words.emplace_back("--generate-line-info");
  }
  for (const std::string& define : source.defines) words.push_back("-D" + define);
  for (const std::string& flag : options.flags) {
    CheckFlag(flag);
    words.push_back(flag);
  }
  return words;
}

}  // namespace kiln::jit
