#include "runtime/backtrace.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <kiln/optional.h>
#include <kiln/registry.h>
#include <tvm/ffi/c_api.h>

#include "runtime/per_thread.h"
#include "runtime/source_position.h"

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

// As a C++ compiler spells it, or as it is.
std::string Demangled(const char* name) {
  if (!std::string_view(name).starts_with("_Z")) return name;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == 0 ? demangled.get() : name;
}

std::string FunctionName(const Dl_info& frame, const void* address) {
  if (frame.dli_sname != nullptr) return Demangled(frame.dli_sname);
  const uintptr_t base = reinterpret_cast<uintptr_t>(frame.dli_fbase);
  return Hex(reinterpret_cast<uintptr_t>(address) - base);
}

// The object that `address` lies in, as the unwinder finds it: without a lock. Its link map is null
// for code that no file holds.
dl_find_object ObjectOf(const void* address) noexcept {
  dl_find_object found{};
  if (_dl_find_object(const_cast<void*>(address), &found) != 0) return {};
  return found;
}

// The line of a frame in code that no file holds, if the engine that compiled it knows it: it tells
// "<symbol>+<offset> in <name of the code>". Empty otherwise. The engine's own failures are not to
// be told by a backtrace of theirs.
std::string LineByEngine(const void* call) noexcept {
  thread_local bool is_asking = false;
  if (is_asking) return "";
  is_asking = true;
  std::string line;
  try {
    if (const auto describe = GlobalFunction::Find("kiln.jit.describe_address")) {
      const auto text = (*describe)(const_cast<void*>(call)).cast<Optional<std::string>>();
      constexpr std::string_view kIn = " in ";
      const size_t in = text ? text->find(kIn) : std::string::npos;
      if (in != std::string::npos) {
        const std::string symbol = text->substr(0, text->rfind('+', in));
        AppendLine(line, text->substr(in + kIn.size()).c_str(), 0,
                   symbol.empty() ? Hex(reinterpret_cast<uintptr_t>(call)).c_str()
                                  : Demangled(symbol.c_str()).c_str());
      }
    }
  } catch (const std::exception&) {
    line.clear();
  }
  is_asking = false;
  return line;
}

// The lines of one frame: one, or several where functions are inlined.
std::string LinesOf(const void* call, const dl_find_object& object) {
  Dl_info frame{};
  dladdr(call, &frame);
  std::string lines;
  if (object.dlfo_link_map != nullptr) {
    for (const SourcePosition& position : SourcePositionsOf(call, object)) {
      const std::string function = position.function.empty() ? FunctionName(frame, call)
                                                             : Demangled(position.function.c_str());
      AppendLine(lines, position.file.c_str(), position.line, function.c_str());
    }
  }
  if (lines.empty()) {
    AppendLine(lines, frame.dli_fname == nullptr ? "<unknown>" : frame.dli_fname, 0,
               FunctionName(frame, call).c_str());
  }
  return lines;
}

// Counts the libraries that this runtime has closed. What others close shows, as a rule, in where
// the next object lies.
constinit std::atomic<uint64_t> closed_libraries{0};

// The lines of the addresses that this thread met last: looking a name up costs a hundred times
// what unwinding a frame does. An address counts only as long as it lies in the same object.
class LineCache {
 public:
  const std::string& Find(const void* call, const dl_find_object& object) {
    const Place place{call, object.dlfo_link_map, object.dlfo_map_start, object.dlfo_map_end,
                      closed_libraries.load(std::memory_order_relaxed)};
    Set& set = sets_[reinterpret_cast<uintptr_t>(call) % sets_.size()];
    for (const Entry& entry : set.entries) {
      if (entry.place == place) return entry.lines;
    }
    Entry& oldest = set.entries[set.oldest];
    set.oldest = (set.oldest + 1) % set.entries.size();
    oldest.place = {};
    oldest.lines = LinesOf(call, object);
    oldest.place = place;
    return oldest.lines;
  }

 private:
  struct Place {
    const void* call = nullptr;
    const void* link_map = nullptr;
    const void* begin = nullptr;
    const void* end = nullptr;
    uint64_t closed_before = 0;

    bool operator==(const Place&) const = default;
  };
  struct Entry {
    Place place;
    std::string lines;
  };
  // Wide enough that the frames of one backtrace hardly ever drive each other out.
  struct Set {
    std::array<Entry, 4> entries;
    size_t oldest = 0;
  };
  std::array<Set, 61> sets_;
};

}  // namespace

std::string CaptureBacktrace(bool cross_ffi_boundary) {
  std::array<void*, kMaxFrames> addresses;
  const int count = backtrace(addresses.data(), kMaxFrames);
  static const void* const own =
      ObjectOf(reinterpret_cast<const void*>(&CaptureBacktrace)).dlfo_link_map;
  LineCache& lines = PerThread<LineCache>::Get();

  std::string text;
  // This library's frames come first, below at most an unwinder's that a sanitizer has put in
  // front.
  bool in_library = false;
  for (int i = 0; i < count; ++i) {
    // A return address may lie behind the last byte of its function.
    const void* call = static_cast<const char*>(addresses[i]) - 1;
    const dl_find_object object = ObjectOf(call);
    if (object.dlfo_link_map == own) {
      in_library = true;
      if (text.empty() || cross_ffi_boundary) continue;
      break;
    }
    if (!in_library) continue;
    // Other code may come to lie where this is at any time, so what is found is not kept.
    const std::string line = object.dlfo_link_map == nullptr ? LineByEngine(call) : "";
    text += line.empty() ? lines.Find(call, object) : line;
  }
  return text;
}

void ForgetBacktraceLines() noexcept { closed_libraries.fetch_add(1, std::memory_order_relaxed); }

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
