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

// The object file that `address` lies in, as the unwinder finds it: without a lock. Null for code
// that no file holds.
const void* ObjectFileOf(const void* address) noexcept {
  dl_find_object found{};
  if (_dl_find_object(const_cast<void*>(address), &found) != 0) return nullptr;
  return found.dlfo_link_map;
}

std::string LineOf(const void* call) {
  Dl_info frame{};
  dladdr(call, &frame);
  std::string line;
  AppendLine(line, frame.dli_fname == nullptr ? "<unknown>" : frame.dli_fname, 0,
             FunctionName(frame, call).c_str());
  return line;
}

// The lines of the addresses that this thread met last: looking a name up costs a hundred times
// what unwinding a frame does. An address counts only as long as it lies in the same object file.
class LineCache {
 public:
  const std::string& Find(const void* call, const void* object_file) {
    Entry& entry = entries_[reinterpret_cast<uintptr_t>(call) % entries_.size()];
    if (entry.call != call || entry.object_file != object_file) {
      entry = {call, object_file, LineOf(call)};
    }
    return entry.line;
  }

 private:
  struct Entry {
    const void* call = nullptr;
    const void* object_file = nullptr;
    std::string line;
  };
  std::array<Entry, 251> entries_;
};

}  // namespace

std::string CaptureBacktrace(bool cross_ffi_boundary) {
  std::array<void*, kMaxFrames> addresses;
  const int count = backtrace(addresses.data(), kMaxFrames);
  static const void* const own = ObjectFileOf(reinterpret_cast<const void*>(&CaptureBacktrace));
  LineCache& lines = PerThread<LineCache>::Get();

  std::string text;
  // This library's frames come first, below at most an unwinder's that a sanitizer has put in
  // front.
  bool in_library = false;
  for (int i = 0; i < count; ++i) {
    // A return address may lie behind the last byte of its function.
    const void* call = static_cast<const char*>(addresses[i]) - 1;
    const void* object_file = ObjectFileOf(call);
    if (object_file == own) {
      in_library = true;
      if (text.empty() || cross_ffi_boundary) continue;
      break;
    }
    if (in_library) text += lines.Find(call, object_file);
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
