#ifndef KILN_JIT_LINK_IMAGE_SYMBOLS_H_
#define KILN_JIT_LINK_IMAGE_SYMBOLS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jit {

// A name of an image, and where it is.
struct ImageSymbol {
  enum class Visibility : uint8_t { kGlobal, kHidden, kLocal };

  std::string_view name;
  char* address = nullptr;
  uint32_t size = 0;  // bytes; 0 where the object does not tell
  Visibility visibility = Visibility::kGlobal;
  bool is_function = false;
  bool is_variable = false;  // in memory that the code may write to
};

// The symbols of an image, in as few bytes as it takes: a process may have 100,000 images. Does not
// change once it is made.
class ImageSymbols {
 public:
  ImageSymbols() = default;
  // Copies the names.
  explicit ImageSymbols(std::vector<ImageSymbol> symbols);

  // The global symbol of that name; its address is null where there is none.
  ImageSymbol FindGlobal(std::string_view name) const;
  // The same among global and hidden symbols.
  ImageSymbol FindShared(std::string_view name) const;

  // The function at `address`, if one begins there or before and is not known to end before.
  // Its name is empty where there is none. Looks at every symbol.
  ImageSymbol FunctionAt(const void* address) const;

  // Calls `visit(const ImageSymbol&)` for each.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const Entry& entry : entries_) visit(SymbolOf(entry));
  }

 private:
  struct Entry {
    char* address;
    uint32_t name_begin;
    uint32_t name_size;
    uint32_t size;
    ImageSymbol::Visibility visibility;
    bool is_function;
    bool is_variable;
  };

  std::string_view NameOf(const Entry& entry) const {
    return std::string_view(names_).substr(entry.name_begin, entry.name_size);
  }
  ImageSymbol SymbolOf(const Entry& entry) const {
    return {NameOf(entry),    entry.address,     entry.size,
            entry.visibility, entry.is_function, entry.is_variable};
  }
  ImageSymbol Find(std::string_view name, ImageSymbol::Visibility least) const;

  std::vector<Entry> entries_;  // by name; local ones last
  size_t shared_ = 0;           // how many are not local
  std::string names_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_IMAGE_SYMBOLS_H_
