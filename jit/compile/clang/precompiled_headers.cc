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
                                  [&](const auto& slot) { return slot->key == key; });
  if (found != slots_.end()) {
    slots_.splice(slots_.begin(), slots_, found);
  } else {
    slots_.push_front(std::make_shared<Slot>(key));
    if (slots_.size() > kMostSlots) slots_.pop_back();
  }
  return slots_.front();
}

void PrecompiledHeaders::Account(Slot* slot, size_t size) {
  const std::lock_guard lock(mutex_);
  slot->size = size;
  size_t total = 0;
  for (const std::shared_ptr<Slot>& each : slots_) total += each->size;
  while (total > kMostBytes && slots_.size() > 1) {
    total -= slots_.back()->size;
    slots_.pop_back();
  }
}

std::shared_ptr<const PrecompiledHeader> PrecompiledHeaders::Get(
    const std::string& key, const std::function<PrecompiledHeader()>& build) {
  const std::shared_ptr<Slot> slot = SlotOf(key);
  const std::lock_guard lock(slot->mutex);
  if (slot->header != nullptr && slot->header->witness.Holds()) return slot->header;
  slot->header = nullptr;
  auto header = std::make_shared<const PrecompiledHeader>(build());
  if (header->witness.is_racy()) {
    Account(slot.get(), 0);
  } else {
    slot->header = header;
    Account(slot.get(), header->bytes.size());
  }
  return header;
}

}  // namespace kiln::jit
