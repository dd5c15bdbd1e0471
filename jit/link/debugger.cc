#include "jit/link/debugger.h"

#include <cstdint>
#include <mutex>
#include <utility>

#include "jit/link/process_mutex.h"

// The layout and the names are those of gdb's JIT interface, version 1.
extern "C" {

struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  uint64_t symfile_size;
};

struct jit_descriptor {
  uint32_t version;
  uint32_t action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};

// Protected: another library of the process may have the same names, with a list of its own.
__attribute__((visibility("protected"), used)) jit_descriptor __jit_debug_descriptor = {
    1, 0, nullptr, nullptr};

// Debuggers stop here.
__attribute__((visibility("protected"), noinline, used)) void __jit_debug_register_code() {
  asm volatile("" ::: "memory");
}
}

namespace kiln::jit {
namespace {

enum Action : uint32_t { kNone = 0, kRegister = 1, kUnregister = 2 };

ProcessMutex& ListMutex() {
  static auto* const mutex = new ProcessMutex();
  return *mutex;
}

void Tell(Action action, jit_code_entry* entry) {
  __jit_debug_descriptor.relevant_entry = entry;
  __jit_debug_descriptor.action_flag = action;
  __jit_debug_register_code();
  __jit_debug_descriptor.action_flag = kNone;
  __jit_debug_descriptor.relevant_entry = nullptr;
}

}  // namespace

struct DebuggedObject::Entry : jit_code_entry {};

DebuggedObject::DebuggedObject(std::string object)
    : object_(std::move(object)), entry_(std::make_unique<Entry>()) {
  entry_->symfile_addr = object_.data();
  entry_->symfile_size = object_.size();
  const std::lock_guard lock(ListMutex());
  jit_code_entry*& first = __jit_debug_descriptor.first_entry;
  entry_->prev_entry = nullptr;
  entry_->next_entry = first;
  if (first != nullptr) first->prev_entry = entry_.get();
  first = entry_.get();
  Tell(kRegister, entry_.get());
}

DebuggedObject::~DebuggedObject() {
  const std::lock_guard lock(ListMutex());
  jit_code_entry* const next = entry_->next_entry;
  jit_code_entry* const previous = entry_->prev_entry;
  if (next != nullptr) next->prev_entry = previous;
  (previous != nullptr ? previous->next_entry : __jit_debug_descriptor.first_entry) = next;
  Tell(kUnregister, entry_.get());
}

}  // namespace kiln::jit
