// The global functions of arrays and lists.

#include <cstdint>
#include <string>

#include <kiln/array.h>
#include <kiln/hash.h>
#include <kiln/list.h>
#include <kiln/registry.h>

#include "runtime/containers.h"
#include "runtime/given.h"

namespace kiln::runtime {
namespace {

template <typename Obj>
Any GetItem(Given<Obj> sequence, int64_t index) {
  sequence->CheckIndex(index, sequence->TVMFFISeqCell::size);
  return sequence->elements()[index];
}

template <typename Obj>
int64_t Size(Given<Obj> sequence) {
  return sequence->TVMFFISeqCell::size;
}

template <typename Obj>
bool Contains(Given<Obj> sequence, const Any& value) {
  for (const Any* element = sequence->elements(); element != sequence->end(); ++element) {
    if (AnyEqual(*element, value)) return true;
  }
  return false;
}

void MakeArray(PackedArgs args, Any* result) {
  const auto size = static_cast<size_t>(args.size());
  *result = Array<Any>(
      ArrayObj::Make(size, [&](size_t i) { return Any(args[static_cast<int32_t>(i)]); }));
}

void MakeList(PackedArgs args, Any* result) {
  ObjectPtr<ListObj> list = ListObj::Make();
  list->Reserve(args.size());
  for (int32_t i = 0; i < args.size(); ++i) list->Append(Any(args[i]));
  *result = List<Any>(std::move(list));
}

// The replacement may be an array, too.
void ReplaceSlice(Given<ListObj> list, int64_t first, int64_t last, const List<Any>& values) {
  if (!values.defined()) throw Error("TypeError", "expected ffi.List as replacement, got None");
  list->ReplaceSlice(first, last, *values.get());
}

}  // namespace

void RegisterSequenceFunctions() {
  GlobalFunction::Register("ffi.Array", Function::FromPacked(&MakeArray));
  GlobalFunction::RegisterTyped("ffi.ArrayGetItem", &GetItem<ArrayObj>);
  GlobalFunction::RegisterTyped("ffi.ArraySize", &Size<ArrayObj>);
  GlobalFunction::RegisterTyped("ffi.ArrayContains", &Contains<ArrayObj>);

  GlobalFunction::Register("ffi.List", Function::FromPacked(&MakeList));
  GlobalFunction::RegisterTyped("ffi.ListGetItem", &GetItem<ListObj>);
  GlobalFunction::RegisterTyped("ffi.ListSize", &Size<ListObj>);
  GlobalFunction::RegisterTyped("ffi.ListContains", &Contains<ListObj>);
  GlobalFunction::RegisterTyped(
      "ffi.ListSetItem",
      [](Given<ListObj> list, int64_t index, const Any& value) { list->SetItem(index, value); });
  GlobalFunction::RegisterTyped("ffi.ListAppend",
                                [](Given<ListObj> list, const Any& value) { list->Append(value); });
  GlobalFunction::RegisterTyped(
      "ffi.ListInsert",
      [](Given<ListObj> list, int64_t index, const Any& value) { list->Insert(index, value); });
  GlobalFunction::RegisterTyped(
      "ffi.ListPop", [](Given<ListObj> list, int64_t index) { return list->Pop(index); });
  GlobalFunction::RegisterTyped("ffi.ListErase",
                                [](Given<ListObj> list, int64_t index) { list->Pop(index); });
  GlobalFunction::RegisterTyped(
      "ffi.ListEraseRange",
      [](Given<ListObj> list, int64_t first, int64_t last) { list->Erase(first, last); });
  GlobalFunction::RegisterTyped("ffi.ListReplaceSlice", &ReplaceSlice);
  GlobalFunction::RegisterTyped("ffi.ListReverse", [](Given<ListObj> list) { list->Reverse(); });
  GlobalFunction::RegisterTyped("ffi.ListClear", [](Given<ListObj> list) { list->Clear(); });
  GlobalFunction::RegisterTyped(
      "ffi.ListReserve", [](Given<ListObj> list, int64_t capacity) { list->Reserve(capacity); });
}

}  // namespace kiln::runtime
