// Map: keys and values, immutable once shared.
//
//   kiln::Map<kiln::String, int64_t> map = {{"a", 1}, {"b", 2}};
//   map.Set("c", 3);
//   for (const auto& [key, value] : map) ...
//
// A change to a map that another reference shares makes a copy first, so no one else sees it.
// Entries come in the order of their insertion. Threads: as every reference (kiln/object.h).
#ifndef KILN_MAP_H_
#define KILN_MAP_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "kiln/table_ref.h"

namespace kiln {

// A dict converts to a map, by copy. Null only when cast from None or moved from.
template <typename K, typename V>
class Map : public TableRef<K, V, MapObj> {
  using Base = TableRef<K, V, MapObj>;

 public:
  using ContainerType = MapObj;

  Map() : Base(TableObj::Make<MapObj>()) {}
  Map(std::initializer_list<std::pair<K, V>> pairs) : Base(Base::MakeFrom(pairs)) {}
  explicit Map(ObjectPtr<MapObj> object) noexcept : Base(std::move(object)) {}
  // Of any range of pairs; the last of equal keys wins.
  template <typename Pairs>
  static Map From(const Pairs& pairs) {
    return Map(Base::MakeFrom(pairs));
  }
  static std::optional<Map> FromOther(const TVMFFIAny& any) {
    return Base::template CopyOf<Map, DictObj>(any);
  }
  static std::string Schema() {
    return details::SchemaOf("ffi.Map", {TypeSchema<K>(), TypeSchema<V>()});
  }

  void Set(const K& key, const V& value) { Writable()->Set(Any(key), Any(value)); }
  // True if there was such an entry.
  bool erase(const K& key) {
    if (!this->contains(key)) return false;
    return Writable()->Erase(Any(key));
  }
  void clear() { *this = Map(); }

 private:
  // The object, of which this is the only reference.
  MapObj* Writable() {
    if (!this->defined()) {
      *this = Map();
    } else if (this->use_count() != 1) {
      *this = Map(this->get()->template Copy<MapObj>());
    }
    return this->get();
  }
};

}  // namespace kiln

#endif  // KILN_MAP_H_
