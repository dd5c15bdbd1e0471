#include "runtime/type_table.h"

#include <functional>
#include <memory>

#include <kiln/error.h>

#include "runtime/argument.h"
#include "runtime/type_reflection.h"

namespace kiln::runtime {
namespace {

struct StaticType {
  int32_t index;
  const char* key;
};

// Depth 0: values that are no objects, and the root of all that are.
constexpr StaticType kRootTypes[] = {
    {kTVMFFINone, "None"},
    {kTVMFFIInt, "int"},
    {kTVMFFIBool, "bool"},
    {kTVMFFIFloat, "float"},
    {kTVMFFIOpaquePtr, "void*"},
    {kTVMFFIDataType, "DataType"},
    {kTVMFFIDevice, "Device"},
    {kTVMFFIDLTensorPtr, "DLTensor*"},
    {kTVMFFIRawStr, "const char*"},
    {kTVMFFIByteArrayPtr, "TVMFFIByteArray*"},
    {kTVMFFIObjectRValueRef, "ObjectRValueRef"},
    {kTVMFFISmallStr, "ffi.SmallStr"},
    {kTVMFFISmallBytes, "ffi.SmallBytes"},
    {kTVMFFIUnchanged, "ffi.Unchanged"},
    {kTVMFFIObject, "ffi.Object"},
};

// Depth 1: children of ffi.Object.
constexpr StaticType kObjectTypes[] = {
    {kTVMFFIStr, "ffi.String"},
    {kTVMFFIBytes, "ffi.Bytes"},
    {kTVMFFIError, "ffi.Error"},
    {kTVMFFIFunction, "ffi.Function"},
    {kTVMFFIShape, "ffi.Shape"},
    {kTVMFFITensor, "ffi.Tensor"},
    {kTVMFFIArray, "ffi.Array"},
    {kTVMFFIMap, "ffi.Map"},
    {kTVMFFIModule, "ffi.Module"},
    {kTVMFFIOpaquePyObject, "ffi.OpaquePyObject"},
    {kTVMFFIList, "ffi.List"},
    {kTVMFFIDict, "ffi.Dict"},
    {kTVMFFIVisitInterrupt, "ffi.VisitInterrupt"},
    {kTVMFFIBigInt, "ffi.BigInt"},
};

[[noreturn]] void ThrowBadRequest(const TypeRequest& request, const std::string& why) {
  throw Error("ValueError", "type '" + std::string(request.key) + "' can't be added: " + why);
}

void CheckRange(const TypeRequest& request) {
  if (request.child_slots < 0) {
    ThrowBadRequest(request,
                    "its child slots must be >= 0, got " + std::to_string(request.child_slots));
  }
  if (request.static_index >= kTVMFFIDynObjectBegin) {
    ThrowBadRequest(request, "a static type index must be below 128, got " +
                                 std::to_string(request.static_index));
  }
  if (request.static_index < 0 && request.parent < 0) {
    ThrowBadRequest(request,
                    "a type without static index must have a parent, e.g. ffi.Object (64)");
  }
}

}  // namespace

TypeTable::Type::Type(const TypeRequest& request)
    : key(request.key), children_may_overflow(request.children_may_overflow) {}

TypeTable::TypeTable() {
  for (const StaticType& type : kRootTypes) {
    FindOrAdd({.key = type.key, .static_index = type.index});
  }
  for (const StaticType& type : kObjectTypes) {
    FindOrAdd({.key = type.key, .static_index = type.index, .depth = 1, .parent = kTVMFFIObject});
  }
}

TypeTable& TypeTable::Global() {
  static auto* const table = new TypeTable();
  return *table;
}

const TVMFFITypeInfo* TypeTable::Find(int32_t index) const noexcept { return At(index); }

TVMFFITypeInfo* TypeTable::At(int32_t index) const noexcept {
  if (index < 0 || index >= kMaxTypes) return nullptr;
  const size_t position = static_cast<size_t>(index);
  const Chunk* chunk = chunks_[position / kChunkSize].load(std::memory_order_acquire);
  if (chunk == nullptr) return nullptr;
  return (*chunk)[position % kChunkSize].load(std::memory_order_acquire);
}

const TVMFFITypeInfo* TypeTable::Find(std::string_view key) const noexcept {
  const Type* type = types_.Find(key);
  return type == nullptr ? nullptr : &type->info;
}

const TVMFFITypeInfo& TypeTable::FindOrAdd(const TypeRequest& request) {
  if (const TVMFFITypeInfo* known = Find(request.key)) return *known;

  const std::lock_guard lock(mutex_);
  if (const TVMFFITypeInfo* known = Find(request.key)) return *known;
  CheckRange(request);
  Type* parent = ParentOf(request);

  auto type = std::make_unique<Type>(request);
  if (parent != nullptr) {
    type->ancestors = parent->ancestors;
    type->ancestors.push_back(&parent->info);
  }
  const int32_t index = Allocate(request, parent);
  type->next_child = index + 1;
  type->end_of_children = request.static_index >= 0 ? index + 1 : index + 1 + request.child_slots;
  type->info.type_index = index;
  type->info.type_depth = request.depth;
  type->info.type_key = details::ByteArrayOf(type->key);
  type->info.type_ancestors = type->ancestors.empty() ? nullptr : type->ancestors.data();
  ReserveMembers(&type->info);
  type->info.type_key_hash = std::hash<std::string_view>()(type->key);

  // What may throw comes before what is seen. The index first: who finds the key asks for the index
  // next.
  std::atomic<TVMFFITypeInfo*>& slot = SlotOf(index);
  types_.Reserve();
  slot.store(&type->info, std::memory_order_release);
  return types_.Insert(std::move(type))->info;
}

TypeTable::Type* TypeTable::ParentOf(const TypeRequest& request) const {
  if (request.parent < 0) {
    if (request.depth == 0) return nullptr;
    ThrowBadRequest(
        request, "a type without parent has depth 0, got depth " + std::to_string(request.depth));
  }
  const TVMFFITypeInfo* parent = Find(request.parent);
  if (parent == nullptr) {
    ThrowBadRequest(request, "its parent, type index " + std::to_string(request.parent) +
                                 ", is not registered");
  }
  if (request.depth != parent->type_depth + 1) {
    ThrowBadRequest(request, "its depth must be its parent's plus one, " +
                                 std::to_string(parent->type_depth + 1) + ", got " +
                                 std::to_string(request.depth));
  }
  return types_.Find(details::ViewOf(parent->type_key));
}

int32_t TypeTable::Allocate(const TypeRequest& request, Type* parent) {
  if (request.static_index >= 0) {
    if (const TVMFFITypeInfo* other = Find(request.static_index)) {
      ThrowBadRequest(request, "static type index " + std::to_string(request.static_index) +
                                   " is '" + std::string(details::ViewOf(other->type_key)) + "'");
    }
    return request.static_index;
  }
  const int32_t room = parent->end_of_children - parent->next_child;
  const bool from_parent = request.child_slots < room;
  if (!from_parent && !parent->children_may_overflow) {
    ThrowBadRequest(request, "its parent '" + parent->key + "' has " + std::to_string(room) +
                                 " child slots left and allows no overflow, " +
                                 std::to_string(request.child_slots) + " + 1 are needed");
  }
  int32_t& counter = from_parent ? parent->next_child : next_index_;
  const int32_t index = counter;
  if (!from_parent && request.child_slots >= kMaxTypes - index) {
    throw Error("RuntimeError",
                "the type table is full: no " + std::to_string(request.child_slots) +
                    " + 1 type indices left for '" + std::string(request.key) + "'");
  }
  counter += request.child_slots + 1;
  return index;
}

std::atomic<TVMFFITypeInfo*>& TypeTable::SlotOf(int32_t index) {
  const size_t position = static_cast<size_t>(index);
  std::atomic<Chunk*>& chunk = chunks_[position / kChunkSize];
  if (chunk.load(std::memory_order_relaxed) == nullptr) {
    chunk.store(new Chunk(), std::memory_order_release);
  }
  return (*chunk.load(std::memory_order_relaxed))[position % kChunkSize];
}

std::vector<std::string> TypeTable::Keys() const {
  std::vector<std::string> keys;
  types_.ForEach([&](const Type& type) { keys.push_back(type.key); });
  return keys;
}

}  // namespace kiln::runtime

extern "C" {

int TVMFFITypeKeyToIndex(const TVMFFIByteArray* type_key, int32_t* out_tindex) {
  return kiln::SafeCall([&] {
    const std::string_view key = kiln::runtime::RequiredText(type_key, "a type's key");
    const TVMFFITypeInfo* info = kiln::runtime::TypeTable::Global().Find(key);
    if (info == nullptr) {
      throw kiln::Error("InternalError",
                        "no type with the key '" + std::string(key) + "' is registered");
    }
    *out_tindex = info->type_index;
  });
}

int32_t TVMFFITypeGetOrAllocIndex(const TVMFFIByteArray* type_key, int32_t static_type_index,
                                  int32_t type_depth, int32_t num_child_slots,
                                  int32_t child_slots_can_overflow, int32_t parent_type_index) {
  constexpr int32_t kQueryOnly = -2;
  constexpr int32_t kNoIndex = -2;
  int32_t index = kNoIndex;
  kiln::SafeCall([&] {
    auto& table = kiln::runtime::TypeTable::Global();
    const std::string_view key = kiln::runtime::RequiredText(type_key, "a type's key");
    if (parent_type_index == kQueryOnly) {
      const TVMFFITypeInfo* info = table.Find(key);
      if (info != nullptr) index = info->type_index;
      return;
    }
    index = table
                .FindOrAdd({.key = key,
                            .static_index = static_type_index,
                            .depth = type_depth,
                            .child_slots = num_child_slots,
                            .children_may_overflow = child_slots_can_overflow != 0,
                            .parent = parent_type_index})
                .type_index;
  });
  return index;
}

const TVMFFITypeInfo* TVMFFIGetTypeInfo(int32_t type_index) {
  const TVMFFITypeInfo* info = nullptr;
  kiln::SafeCall([&] { info = kiln::runtime::TypeTable::Global().Find(type_index); });
  return info;
}

}  // extern "C"
