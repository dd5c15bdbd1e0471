#include "runtime/source_position.h"

#include <backtrace.h>
#include <dlfcn.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

#include "runtime/name_table.h"
#include "runtime/object_file.h"

namespace kiln::runtime {
namespace {

constexpr size_t kMaxFiles = 1024;

// This thread is within a call that must see one file alone.
constinit thread_local bool sees_one_file = false;

void IgnoreError(void* /*data*/, const char* /*message*/, int /*code*/) {}

// What libbacktrace has read of one file.
class DebugInformation {
 public:
  // Reads nothing until the first question.
  DebugInformation(std::string identity, std::string path)
      : identity_(std::move(identity)),
        path_(std::move(path)),
        state_(backtrace_create_state(path_.c_str(), /*threaded=*/1, &IgnoreError, nullptr)) {
    if (state_ == nullptr) throw std::bad_alloc();
  }

  std::string_view name() const noexcept { return identity_; }

  // `offset` counts from where the file's address 0 is loaded. The file must be open at the path
  // that this was made with, the first time.
  std::vector<SourcePosition> Find(uintptr_t offset) {
    Positions positions;
    {
      const std::lock_guard lock(mutex_);
      sees_one_file = true;
      backtrace_pcinfo(state_, offset, &Add, &IgnoreError, &positions);
      sees_one_file = false;
    }
    if (positions.memory_ran_out) throw std::bad_alloc();
    return std::move(positions.found);
  }

 private:
  struct Positions {
    std::vector<SourcePosition> found;
    bool memory_ran_out = false;
  };

  static int Add(void* self, uintptr_t /*address*/, const char* file, int line,
                 const char* function) {
    if (file == nullptr) return 0;
    auto* positions = static_cast<Positions*>(self);
    try {
      positions->found.push_back({file, line, function == nullptr ? "" : function});
      return 0;
    } catch (const std::bad_alloc&) {
      positions->memory_ran_out = true;
      return 1;
    }
  }

  const std::string identity_;
  const std::string path_;
  backtrace_state* const state_;
  std::mutex mutex_;
};

// By identity. Never destroyed.
struct KnownFiles {
  NameTable<DebugInformation> files;
  size_t count = 0;
  std::mutex mutex;  // held by whoever adds one
};
constinit KnownFiles known_files;

// Null if the file has no lines, or there are too many that have.
DebugInformation* DebugInformationOf(const ObjectFile& file) {
  std::string identity = file.identity();
  if (DebugInformation* known = known_files.files.Find(identity)) return known;
  if (!file.HasLines()) return nullptr;
  const std::lock_guard lock(known_files.mutex);
  if (DebugInformation* known = known_files.files.Find(identity)) return known;
  if (known_files.count == kMaxFiles) return nullptr;
  DebugInformation* added = known_files.files.Insert(
      std::make_unique<DebugInformation>(std::move(identity), file.path()));
  ++known_files.count;
  return added;
}

}  // namespace

std::vector<SourcePosition> SourcePositionsOf(const void* instruction,
                                              const dl_find_object& found) {
  const ObjectFile file(found);
  if (!file.is_open()) return {};
  DebugInformation* information = DebugInformationOf(file);
  if (information == nullptr) return {};
  return information->Find(reinterpret_cast<uintptr_t>(instruction) - found.dlfo_link_map->l_addr);
}

}  // namespace kiln::runtime

extern "C" {

// What libbacktrace calls in place of dl_iterate_phdr (the linker's --wrap). It takes an object
// without a name for the file that it was told to begin with, here as if loaded at 0.
int __real_dl_iterate_phdr(int (*visit)(dl_phdr_info*, size_t, void*), void* data);

int __wrap_dl_iterate_phdr(int (*visit)(dl_phdr_info*, size_t, void*), void* data) {
  if (!kiln::runtime::sees_one_file) return __real_dl_iterate_phdr(visit, data);
  dl_phdr_info file{};
  file.dlpi_name = "";
  return visit(&file, sizeof file, data);
}

}  // extern "C"
