#include "jit/link/live_code.h"

#include <array>
#include <charconv>
#include <map>
#include <mutex>

#include "jit/link/describe_address.h"
#include "jit/link/process_mutex.h"

namespace kiln::jit {
namespace {

struct Image {
  size_t size;
  const std::string* name;
  const ImageSymbols* symbols;
};

// Never destroyed: images may outlive it.
struct LiveCode {
  ProcessMutex mutex;
  std::map<const char*, Image> images;  // by the start of the code
};

LiveCode& All() {
  static auto* const all = new LiveCode();
  return *all;
}

std::string Hex(size_t value) {
  std::array<char, 2 * sizeof value> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

}  // namespace

void AddLiveCode(const char* begin, size_t size, const std::string* name,
                 const ImageSymbols* symbols) {
  if (begin == nullptr) return;
  LiveCode& all = All();
  const std::lock_guard lock(all.mutex);
  all.images.emplace(begin, Image{size, name, symbols});
}

void RemoveLiveCode(const char* begin) noexcept {
  if (begin == nullptr) return;
  LiveCode& all = All();
  const std::lock_guard lock(all.mutex);
  all.images.erase(begin);
}

std::optional<std::string> DescribeAddress(const void* address) {
  const auto* const at = static_cast<const char*>(address);
  LiveCode& all = All();
  const std::lock_guard lock(all.mutex);
  auto found = all.images.upper_bound(at);
  if (found == all.images.begin()) return std::nullopt;
  const auto& [begin, image] = *--found;
  if (at >= begin + image.size) return std::nullopt;
  const ImageSymbol function = image.symbols->FunctionAt(at);
  std::string text(function.name);
  text += "+" + Hex(static_cast<size_t>(at - (function.name.empty() ? begin : function.address)));
  return text + " in " + *image.name;
}

}  // namespace kiln::jit
