#include "jit/compile/clang/precompiled_headers.h"

#include <algorithm>

namespace kiln::jit {

PrecompiledHeaders& PrecompiledHeaders::Global() {
  static auto* const kHeaders = new PrecompiledHeaders();
  return *kHeaders;
}

std::shared_ptr<PrecompiledHeaders::Slot> PrecompiledHeaders::SlotOf(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(slots_.begin(), slots_.end(),
                                  [&](const auto& slot) { return slot.first == key; });
  if (found != slots_.end()) {
    slots_.splice(slots_.begin(), slots_, found);
  } else {
    slots_.emplace_front(key, std::make_shared<Slot>());
    if (slots_.size() > kMostSlots) slots_.pop_back();
  }
  return slots_.front().second;
}

std::shared_ptr<const PrecompiledHeader> PrecompiledHeaders::Get(
    const std::string& key, const std::function<PrecompiledHeader()>& build) {
  const std::shared_ptr<Slot> slot = SlotOf(key);
  const std::lock_guard lock(slot->mutex);
  if (slot->header != nullptr && slot->header->witness.Holds()) return slot->header;
  slot->header = nullptr;
  auto header = std::make_shared<const PrecompiledHeader>(build());
  if (!header->witness.is_racy()) slot->header = header;
  return header;
}

}  // namespace kiln::jit
