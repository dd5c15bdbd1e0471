// The global functions of maps and dicts.

#include <cstdint>
#include <string>
#include <utility>

#include <kiln/dict.h>
#include <kiln/map.h>
#include <kiln/registry.h>

#include "runtime/containers.h"
#include "runtime/given.h"

namespace kiln::runtime {
namespace {

// The object that stands for "no such entry". It lives for ever.
class MissingObj : public Object {};
ObjectRef Missing() {
  static Object* object = MakeObject<MissingObj>().release();
  return ObjectRef(ObjectPtr<Object>::Share(object));
}

// key, value, key, value, ...
template <typename Obj, typename Ref>
void MakeTable(PackedArgs args, Any* result) {
  if (args.size() % 2 != 0) {
    throw Error("RuntimeError", "keys and values must alternate, got an odd number of arguments: " +
                                    std::to_string(args.size()));
  }
  ObjectPtr<Obj> table = TableObj::Make<Obj>();
  for (int32_t i = 0; i < args.size(); i += 2) table->Set(Any(args[i]), Any(args[i + 1]));
  *result = Ref(std::move(table));
}

template <typename Obj>
int64_t Size(Given<Obj> table) {
  return static_cast<int64_t>(table->size());
}

template <typename Obj>
int64_t Count(Given<Obj> table, const Any& key) {
  return table->Find(key) == TableObj::kEnd ? 0 : 1;
}

template <typename Obj>
Any GetItem(Given<Obj> table, const Any& key) {
  const uint64_t found = table->Find(key);
  if (found == TableObj::kEnd) throw Error("KeyError", "key is not in the map");
  return table->entry(found).value;
}

template <typename Obj>
Any GetItemOrMissing(Given<Obj> table, const Any& key) {
  const uint64_t found = table->Find(key);
  return found == TableObj::kEnd ? Any(Missing()) : table->entry(found).value;
}

// A cursor as a function: 0 gives the key, 1 the value, anything else moves on and tells whether
// there is another entry. It keeps the table alive. If that changes meanwhile, the cursor is at an
// entry of the changed table, or at its end.
template <typename Obj>
Function Cursor(Given<Obj> table) {
  return Function::FromTyped([table, position = table->first()](int64_t command) mutable -> Any {
    if (!table->has_entry(position)) position = TableObj::kEnd;
    if (command != 0 && command != 1) {
      if (position != TableObj::kEnd) position = table->next(position);
      return Any(position != TableObj::kEnd);
    }
    if (position == TableObj::kEnd) throw Error("IndexError", "the iteration is at its end");
    const TableEntry& entry = table->entry(position);
    return command == 0 ? entry.key : entry.value;
  });
}

// What both kinds of table have, under names that start with `prefix`.
template <typename Obj, typename Ref>
void RegisterReading(const std::string& prefix) {
  GlobalFunction::Register(prefix, Function::FromPacked(&MakeTable<Obj, Ref>));
  GlobalFunction::RegisterTyped(prefix + "Size", &Size<Obj>);
  GlobalFunction::RegisterTyped(prefix + "Count", &Count<Obj>);
  GlobalFunction::RegisterTyped(prefix + "GetItem", &GetItem<Obj>);
  GlobalFunction::RegisterTyped(prefix + "GetItemOrMissing", &GetItemOrMissing<Obj>);
  GlobalFunction::RegisterTyped(prefix + "ForwardIterFunctor", &Cursor<Obj>);
}

}  // namespace

void RegisterTableFunctions() {
  GlobalFunction::RegisterTyped("ffi.GetInvalidObject", &Missing);
  RegisterReading<MapObj, Map<Any, Any>>("ffi.Map");
  RegisterReading<DictObj, Dict<Any, Any>>("ffi.Dict");
  GlobalFunction::RegisterTyped("ffi.DictSetItem", [](Given<DictObj> dict, const Any& key,
                                                      const Any& value) { dict->Set(key, value); });
  GlobalFunction::RegisterTyped("ffi.DictErase",
                                [](Given<DictObj> dict, const Any& key) { dict->Erase(key); });
  GlobalFunction::RegisterTyped("ffi.DictClear", [](Given<DictObj> dict) { dict->Clear(); });
}

}  // namespace kiln::runtime
