// Containers as code compiled against the reference's C++ headers makes, reads and changes them.
#include <cstdint>
#include <utility>

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/function.h>

namespace {

namespace ffi = tvm::ffi;

using Dict = ffi::Dict<ffi::Any, ffi::Any>;
using Map = ffi::Map<ffi::Any, ffi::Any>;
using List = ffi::List<ffi::Any>;

int64_t Hash(const ffi::Any& value) { return static_cast<int64_t>(ffi::AnyHash()(value)); }
bool Equal(const ffi::Any& a, const ffi::Any& b) { return ffi::AnyEqual()(a, b); }

template <typename Table>
Table MakeTable(int64_t size) {
  Table table;
  for (int64_t i = 0; i < size; ++i) table.Set(i, -i);
  return table;
}
template <typename Table>
ffi::Array<ffi::Any> KeysOf(const Table& table) {
  ffi::Array<ffi::Any> keys;
  for (const auto& [key, value] : table) keys.push_back(key);
  return keys;
}
template <typename Table>
ffi::Any Get(const Table& table, const ffi::Any& key) {
  return table.Get(key).value_or(ffi::Any("none"));
}

void DictSet(Dict dict, const ffi::Any& key, const ffi::Any& value) { dict.Set(key, value); }
void DictErase(Dict dict, const ffi::Any& key) { dict.erase(key); }
void DictClear(Dict dict) { dict.clear(); }

// These change in place the map that `make` returns, of which there is no other reference.
Map MapSet(const ffi::Function& make, const ffi::Any& key, const ffi::Any& value) {
  auto map = make().cast<Map>();
  map.Set(key, value);
  return map;
}
Map MapErase(const ffi::Function& make, const ffi::Any& key) {
  auto map = make().cast<Map>();
  map.erase(key);
  return map;
}
// And this a copy.
Map MapSetCopy(Map map, const ffi::Any& key, const ffi::Any& value) {
  map.Set(key, value);
  return map;
}

List MakeList(int64_t size) {
  List list;
  for (int64_t i = 0; i < size; ++i) list.push_back(i);
  return list;
}
void ListInsert(List list, int64_t index, const ffi::Any& value) {
  list.insert(list.begin() + index, value);
}
void ListErase(List list, int64_t index) { list.erase(list.begin() + index); }
ffi::Array<ffi::Any> ArrayOf(const List& list) {
  return ffi::Array<ffi::Any>(list.begin(), list.end());
}

ffi::Array<ffi::Any> ArraySet(const ffi::Function& make, int64_t index, const ffi::Any& value) {
  auto array = make().cast<ffi::Array<ffi::Any>>();
  array.Set(index, value);
  array.push_back(value);
  return array;
}

int64_t Product(const ffi::Shape& shape) { return shape.Product(); }
ffi::Shape MakeShape() { return {4, 5}; }

}  // namespace

TVM_FFI_DLL_EXPORT_TYPED_FUNC(hash, Hash);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(equal, Equal);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(make_map, MakeTable<Map>);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(map_keys, KeysOf<Map>);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(map_get, Get<Map>);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(map_set, MapSet);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(map_erase, MapErase);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(map_set_copy, MapSetCopy);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(make_dict, MakeTable<Dict>);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(dict_keys, KeysOf<Dict>);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(dict_get, Get<Dict>);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(dict_set, DictSet);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(dict_erase, DictErase);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(dict_clear, DictClear);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(make_list, MakeList);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(list_insert, ListInsert);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(list_erase, ListErase);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(list_array, ArrayOf);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(array_set, ArraySet);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(shape_product, Product);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(make_shape, MakeShape);
