#include "runtime/backtrace.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include <tvm/ffi/c_api.h>

#include "runtime/per_thread.h"

namespace kiln::runtime {
namespace {

constexpr int kMaxFrames = 64;

// What the thread's last TVMFFIBacktrace returned.
struct BacktraceText {
  std::string text;
  TVMFFIByteArray bytes{"", 0};
};

void AppendLine(std::string& text, const char* file, int line, const char* function) {
  text.append("  File \"").append(file).append("\", line ").append(std::to_string(line));
  text.append(", in ").append(function).append("\n");
}

std::string Hex(uintptr_t value) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

std::string FunctionName(const Dl_info& frame, const void* address) {
  if (frame.dli_sname == nullptr) {
    const uintptr_t base = reinterpret_cast<uintptr_t>(frame.dli_fbase);
    return Hex(reinterpret_cast<uintptr_t>(address) - base);
  }
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(frame.dli_sname, nullptr, nullptr, &status), &std::free);
  return status == 0 ? demangled.get() : frame.dli_sname;
}

}  // namespace

std::string CaptureBacktrace(bool cross_ffi_boundary) {
  std::array<void*, kMaxFrames> addresses;
  const int count = backtrace(addresses.data(), kMaxFrames);
  Dl_info own{};
  dladdr(reinterpret_cast<const void*>(&CaptureBacktrace), &own);

  std::string text;
  // This library's frames come first, below at most an unwinder's that a sanitizer has put in
  // front.
  bool in_library = false;
  for (int i = 0; i < count; ++i) {
    // A return address may lie behind the last byte of its function.
    const void* call = static_cast<const char*>(addresses[i]) - 1;
    Dl_info frame{};
    dladdr(call, &frame);
    if (frame.dli_fbase == own.dli_fbase) {
      in_library = true;
      if (text.empty() || cross_ffi_boundary) continue;
      break;
    }
    if (!in_library) continue;
    AppendLine(text, frame.dli_fname == nullptr ? "<unknown>" : frame.dli_fname, 0,
               FunctionName(frame, call).c_str());
  }
  return text;
}

}  // namespace kiln::runtime

extern "C" const TVMFFIByteArray* TVMFFIBacktrace(const char* filename, int lineno,
                                                  const char* func, int cross_ffi_boundary) {
  static constexpr TVMFFIByteArray kNone{"", 0};
  try {
    auto& last = kiln::runtime::PerThread<kiln::runtime::BacktraceText>::Get();
    last.text.clear();
    if (filename != nullptr && func != nullptr) {
      kiln::runtime::AppendLine(last.text, filename, lineno, func);
    }
    last.text += kiln::runtime::CaptureBacktrace(cross_ffi_boundary != 0);
    last.bytes = {last.text.data(), last.text.size()};
    return &last.bytes;
  } catch (const std::exception&) {
    return &kNone;
  }
}
