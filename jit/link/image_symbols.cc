#include "jit/link/image_symbols.h"

#include <algorithm>
#include <cstddef>

namespace kiln::jit {

using Visibility = ImageSymbol::Visibility;

ImageSymbols::ImageSymbols(std::vector<ImageSymbol> symbols) {
  const auto is_local = [](const ImageSymbol& s) { return s.visibility == Visibility::kLocal; };
  std::sort(symbols.begin(), symbols.end(), [&](const ImageSymbol& a, const ImageSymbol& b) {
    if (is_local(a) != is_local(b)) return is_local(b);
    return a.name < b.name;
  });
  size_t length = 0;
  for (const ImageSymbol& symbol : symbols) length += symbol.name.size();
  names_.reserve(length);
  entries_.reserve(symbols.size());
  for (const ImageSymbol& symbol : symbols) {
    entries_.push_back({symbol.address, static_cast<uint32_t>(names_.size()),
                        static_cast<uint32_t>(symbol.name.size()), symbol.size, symbol.visibility,
                        symbol.is_function, symbol.is_variable});
    names_ += symbol.name;
    if (!is_local(symbol)) ++shared_;
  }
}

ImageSymbol ImageSymbols::Find(std::string_view name, Visibility least) const {
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(shared_);
  const auto found = std::lower_bound(
      entries_.begin(), end, name,
      [this](const Entry& entry, std::string_view n) { return NameOf(entry) < n; });
  if (found == end || NameOf(*found) != name || found->visibility > least) return {};
  return SymbolOf(*found);
}

ImageSymbol ImageSymbols::FindGlobal(std::string_view name) const {
  return Find(name, Visibility::kGlobal);
}

ImageSymbol ImageSymbols::FindShared(std::string_view name) const {
  return Find(name, Visibility::kHidden);
}

ImageSymbol ImageSymbols::FunctionAt(const void* address) const {
  const auto* const at = static_cast<const char*>(address);
  const Entry* nearest = nullptr;
  for (const Entry& entry : entries_) {
    if (!entry.is_function || entry.address > at) continue;
    if (nearest == nullptr || nearest->address < entry.address) nearest = &entry;
  }
  if (nearest == nullptr) return {};
  if (nearest->size != 0 && at >= nearest->address + nearest->size) return {};
  return SymbolOf(*nearest);
}

}  // namespace kiln::jit
