// The registry: functions by name, one per process.
//
// Lookups take no lock and scale with the threads. An entry is made for a name when it is first set
// and stays; what changes is its function, by one atomic exchange. The replaced function is
// released once no reader can still be between reading the pointer and taking its strong count
// (rcu.h).
#ifndef KILN_RUNTIME_REGISTRY_H_
#define KILN_RUNTIME_REGISTRY_H_

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tvm/ffi/c_api.h>

#include "runtime/name_table.h"

namespace kiln::runtime {

// What is known of a registered function beside itself. Each may be empty.
struct FunctionDescription {
  std::string doc;
  std::string metadata;  // JSON
};

// Every member may be called from any thread.
class Registry {
 public:
  static Registry& Global() noexcept;

  constexpr Registry() noexcept = default;

  // The function of that name with a strong count for the caller, or null. Throws std::bad_alloc.
  TVMFFIObject* Find(std::string_view name) const;

  // Registers `function`, taking a strong count of its own. Throws RuntimeError if the name is
  // taken and `allow_override` is false, and leaves the registered function alone.
  void Set(std::string_view name, TVMFFIObject* function, bool allow_override,
           FunctionDescription description = {});

  // Takes the function out. False if there was none.
  bool Remove(std::string_view name);

  // The names that have a function, in no particular order.
  std::vector<std::string> Names() const;

  // Nullopt if there is no function of that name.
  std::optional<FunctionDescription> Describe(std::string_view name) const;

 private:
  struct Entry {
    explicit Entry(std::string_view entry_name) : name_text(entry_name) {}
    std::string_view name() const noexcept { return name_text; }

    const std::string name_text;
    std::atomic<TVMFFIObject*> function{nullptr};  // owned
    FunctionDescription description;               // guarded by mutex_
  };

  NameTable<Entry> entries_;
  mutable std::mutex mutex_;  // held by whoever changes an entry or adds one
};

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_REGISTRY_H_
