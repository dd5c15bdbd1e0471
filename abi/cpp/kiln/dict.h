// Dict: keys and values, mutable. All references to a dict see each change.
//
// Entries come in the order of their insertion. Threads that share a dict lock it themselves.
#ifndef KILN_DICT_H_
#define KILN_DICT_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "kiln/table_ref.h"

namespace kiln {

// A map converts to a dict, by copy. Null only when cast from None or moved from; a null one is
// changed into an empty one when it is set.
template <typename K, typename V>
class Dict : public TableRef<K, V, DictObj> {
  using Base = TableRef<K, V, DictObj>;

 public:
  using ContainerType = DictObj;

  Dict() : Base(TableObj::Make<DictObj>()) {}
  Dict(std::initializer_list<std::pair<K, V>> pairs) : Base(Base::MakeFrom(pairs)) {}
  explicit Dict(ObjectPtr<DictObj> object) noexcept : Base(std::move(object)) {}
  // Of any range of pairs; the last of equal keys wins.
  template <typename Pairs>
  static Dict From(const Pairs& pairs) {
    return Dict(Base::MakeFrom(pairs));
  }
  static std::optional<Dict> FromOther(const TVMFFIAny& any) {
    return Base::template CopyOf<Dict, MapObj>(any);
  }
  static std::string Schema() {
    return details::SchemaOf("ffi.Dict", {TypeSchema<K>(), TypeSchema<V>()});
  }

  void Set(const K& key, const V& value) {
    if (!this->defined()) *this = Dict();
    this->get()->Set(Any(key), Any(value));
  }
  // True if there was such an entry.
  bool erase(const K& key) { return this->defined() && this->get()->Erase(Any(key)); }
  void clear() {
    if (this->defined()) this->get()->Clear();
  }
};

}  // namespace kiln

#endif  // KILN_DICT_H_
