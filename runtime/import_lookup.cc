// Functions that a module's code finds in what the module imports.
//
// What was found is kept in the module, so that the caller may borrow it: in the field that also
// ImportModule and ClearImports empty. It holds a list of functions of this file's own class; other
// code puts an empty map there, and reads nothing from it.

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <kiln/module.h>
#include <tvm/ffi/extra/c_env_api.h>

#include "runtime/module.h"
#include "runtime/rcu.h"
#include "runtime/type_table.h"

namespace kiln::runtime {
namespace {

// A function that was found; never changed once it is in a list.
struct Found {
  std::string name;
  Function function;
  Found* next = nullptr;
};

// Functions by name, in lists by hash. Lists grow at their heads and are read without a lock.
class LookupsObj : public Object {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIObject;

  ~LookupsObj() {
    for (std::atomic<Found*>& list : lists_) {
      std::unique_ptr<Found> found(list.load(std::memory_order_relaxed));
      while (found != nullptr) found.reset(found->next);
    }
  }

  const Found* Find(std::string_view name) noexcept {
    const Found* found = ListOf(name).load(std::memory_order_acquire);
    while (found != nullptr && found->name != name) found = found->next;
    return found;
  }

  // One thread at a time.
  const Found* Add(std::unique_ptr<Found> found) noexcept {
    std::atomic<Found*>& list = ListOf(found->name);
    found->next = list.load(std::memory_order_relaxed);
    list.store(found.get(), std::memory_order_release);
    return found.release();
  }

 private:
  static constexpr size_t kLists = 64;

  std::atomic<Found*>& ListOf(std::string_view name) noexcept {
    return lists_[std::hash<std::string_view>()(name) % kLists];
  }

  std::array<std::atomic<Found*>, kLists> lists_{};
};

// A module as it lies in memory, up to the field where lookups are kept.
struct ModuleLayout {
  void* virtual_table;
  TVMFFIObject header;
  void* imports;
  TVMFFIObject* __attribute__((may_alias)) lookups;
};
static_assert(sizeof(ModuleLayout) == sizeof(ModuleObj));

using DeleterType = void (*)(void*, int);

// Held by whoever adds to a module's lookups.
std::mutex& AddMutex() {
  static auto* const mutex = new std::mutex();
  return *mutex;
}

// The lookups of a module, or null if there are none yet. Once there, they stay until the module
// dies or its imports change, neither of which may happen during a lookup.
LookupsObj* LookupsOf(ModuleObj* module) {
  auto* layout = reinterpret_cast<ModuleLayout*>(module);
  const ReadSection section;
  TVMFFIObject* kept = __atomic_load_n(&layout->lookups, __ATOMIC_SEQ_CST);
  if (kept == nullptr || kept->deleter != DeleterType{&details::DeleteObject<LookupsObj>}) {
    return nullptr;
  }
  return static_cast<LookupsObj*>(static_cast<Object*>(static_cast<void*>(kept)));
}

std::optional<Function> Search(ModuleObj* module, const char* name) {
  const Module root(ObjectPtr<ModuleObj>::Share(module));
  if (auto function = FindInImports(root, String(name))) return function;
  return GlobalFunction::Find(name);
}

// Keeps a function that was found, unless another thread was first; gives the one that is kept.
TVMFFIObject* Keep(ModuleObj* module, std::unique_ptr<Found> found) {
  TVMFFIObject* replaced = nullptr;
  TVMFFIObject* function = nullptr;
  {
    const std::lock_guard lock(AddMutex());
    LookupsObj* lookups = LookupsOf(module);
    if (lookups == nullptr) {
      ObjectPtr<LookupsObj> fresh = MakeObject<LookupsObj>();
      lookups = fresh.get();
      auto* layout = reinterpret_cast<ModuleLayout*>(module);
      replaced = __atomic_exchange_n(&layout->lookups, fresh.release_handle(), __ATOMIC_SEQ_CST);
    }
    const Found* kept = lookups->Find(found->name);
    if (kept == nullptr) kept = lookups->Add(std::move(found));
    function = kept->function.handle();
  }
  if (replaced != nullptr) {
    WaitForReaders();
    details::ReleaseStrong(replaced);
  }
  return function;
}

TVMFFIObject* Lookup(ModuleObj* module, const char* name) {
  if (LookupsObj* lookups = LookupsOf(module)) {
    if (const Found* found = lookups->Find(name)) return found->function.handle();
  }
  auto function = Search(module, name);
  if (!function) {
    throw Error("RuntimeError",
                details::Concat({"no function '", name, "' in the imports of the '", module->kind(),
                                 "' module nor in the global registry"}));
  }
  return Keep(module, std::make_unique<Found>(name, *std::move(function)));
}

}  // namespace
}  // namespace kiln::runtime

extern "C" int TVMFFIEnvModLookupFromImports(TVMFFIObjectHandle library_ctx, const char* func_name,
                                             TVMFFIObjectHandle* out) {
  return kiln::SafeCall([&] {
    if (library_ctx == nullptr || func_name == nullptr || out == nullptr) {
      throw kiln::Error("ValueError",
                        std::string("a function is looked up with a module's address, a name and a "
                                    "place for the result; null is its ") +
                            (library_ctx == nullptr ? "module"
                             : func_name == nullptr ? "name"
                                                    : "place"));
    }
    *out = kiln::runtime::Lookup(static_cast<kiln::ModuleObj*>(library_ctx), func_name);
  });
}
