#include "runtime/registry.h"

#include <memory>
#include <utility>

#include <kiln/any.h>

#include "runtime/argument.h"
#include "runtime/rcu.h"

namespace kiln::runtime {
namespace {

void ReleaseReplaced(TVMFFIObject* function) noexcept {
  if (function == nullptr) return;
  WaitForReaders();
  details::ReleaseStrong(function);
}

void CheckIsFunction(const TVMFFIObject* object, std::string_view name) {
  if (object != nullptr && object->type_index == kTVMFFIFunction) return;
  throw Error("TypeError", "the global function '" + std::string(name) +
                               "' must be an ffi.Function, got " +
                               (object == nullptr ? "null" : KindName(object->type_index)));
}

}  // namespace

Registry& Registry::Global() noexcept {
  static constinit Registry registry;
  return registry;
}

TVMFFIObject* Registry::Find(std::string_view name) const {
  Entry* entry = entries_.Find(name);
  if (entry == nullptr) return nullptr;
  const ReadSection section;
  TVMFFIObject* function = entry->function.load();
  if (function != nullptr) details::RetainStrong(function);
  return function;
}

void Registry::Set(std::string_view name, TVMFFIObject* function, bool allow_override,
                   FunctionDescription description) {
  CheckIsFunction(function, name);
  TVMFFIObject* replaced = nullptr;
  {
    const std::lock_guard lock(mutex_);
    Entry* entry = entries_.Find(name);
    if (entry == nullptr) entry = entries_.Insert(std::make_unique<Entry>(name));
    if (!allow_override && entry->function.load() != nullptr) {
      throw Error("RuntimeError", "Global Function `" + std::string(name) +
                                      "` is already registered; pass allow_override to replace it");
    }
    details::RetainStrong(function);
    replaced = entry->function.exchange(function);
    entry->description = std::move(description);
  }
  ReleaseReplaced(replaced);
}

bool Registry::Remove(std::string_view name) {
  TVMFFIObject* removed = nullptr;
  {
    const std::lock_guard lock(mutex_);
    Entry* entry = entries_.Find(name);
    if (entry == nullptr) return false;
    removed = entry->function.exchange(nullptr);
    entry->description = {};
  }
  ReleaseReplaced(removed);
  return removed != nullptr;
}

std::vector<std::string> Registry::Names() const {
  std::vector<std::string> names;
  entries_.ForEach([&](const Entry& entry) {
    if (entry.function.load() != nullptr) names.push_back(entry.name_text);
  });
  return names;
}

std::optional<FunctionDescription> Registry::Describe(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const Entry* entry = entries_.Find(name);
  if (entry == nullptr || entry->function.load() == nullptr) return std::nullopt;
  return entry->description;
}

}  // namespace kiln::runtime

extern "C" {

int TVMFFIFunctionGetGlobal(const TVMFFIByteArray* name, TVMFFIObjectHandle* out) {
  return kiln::SafeCall([&] {
    *out = kiln::runtime::Registry::Global().Find(
        kiln::runtime::RequiredText(name, "a function's name"));
  });
}

int TVMFFIFunctionSetGlobal(const TVMFFIByteArray* name, TVMFFIObjectHandle f, int allow_override) {
  return kiln::SafeCall([&] {
    kiln::runtime::Registry::Global().Set(kiln::runtime::RequiredText(name, "a function's name"),
                                          static_cast<TVMFFIObject*>(f), allow_override != 0);
  });
}

int TVMFFIFunctionSetGlobalFromMethodInfo(const TVMFFIMethodInfo* method_info, int allow_override) {
  return kiln::SafeCall([&] {
    const TVMFFIMethodInfo& info = kiln::runtime::Required(method_info, "a function's description");
    const std::string_view name = kiln::runtime::RequiredText(&info.name, "a function's name");
    const TVMFFIAny& method = info.method;
    if (method.type_index != kTVMFFIFunction) {
      throw kiln::Error("TypeError", "the global function '" + std::string(name) +
                                         "' must be an ffi.Function, got " +
                                         kiln::Describe(method));
    }
    kiln::runtime::Registry::Global().Set(
        name, method.v_obj, allow_override != 0,
        {std::string(kiln::runtime::RequiredText(&info.doc, "a function's documentation")),
         std::string(kiln::runtime::RequiredText(&info.metadata, "a function's metadata"))});
  });
}

}  // extern "C"
