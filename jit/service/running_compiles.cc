#include "jit/service/running_compiles.h"

#include <chrono>
#include <exception>
#include <filesystem>
#include <type_traits>
#include <utility>
#include <variant>

#include "jit/compile/compile_safely.h"
#include "jit/threads/cancellation.h"

namespace kiln::jit {
namespace {

// How often who waits for another's compile looks whether it is cancelled itself.
constexpr std::chrono::milliseconds kPeriod(20);

// Parts of a key, each with its length before it, so that no two lists of them read the same.
class KeyText {
 public:
  void Add(std::string_view part) {
    text_.append(std::to_string(part.size())).append(":").append(part);
  }
  void Add(bool value) { text_ += value ? '1' : '0'; }
  void Add(int value) { Add(std::to_string(value)); }
  void Add(uint64_t value) { Add(std::to_string(value)); }
  void Add(const std::string& part) { Add(std::string_view(part)); }
  void Add(const std::vector<std::string>& list) {
    Add(uint64_t{list.size()});
    for (const std::string& item : list) Add(item);
  }
  template <typename Value>
  void Add(const std::map<std::string, Value>& map) {
    Add(uint64_t{map.size()});
    for (const auto& [name, value] : map) {
      Add(name);
      Add(value);
    }
  }

  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string KeyOf(const std::vector<Source>& sources, const CompileOptions& options) {
  KeyText key;
  for (const Source& source : sources) {
    key.Add(LanguageName(source.language));
    key.Add(source.name);
    key.Add(source.text);
  }
  for (const OptionSpec& spec : OptionTable()) {
    std::visit([&](auto field) { key.Add(options.*field); }, spec.field);
  }
  key.Add(options.quick_tier);
  key.Add(options.share_variables);
  // Sources may name files that are looked for from here.
  std::error_code ignored;
  key.Add(std::filesystem::current_path(ignored).string());
  return key.Take();
}

RunningCompiles::SharedArtifact RunningCompiles::Get(const std::string& key,
                                                     const std::function<Artifact()>& compile) {
  while (true) {
    std::unique_lock lock(mutex_);
    const auto found = runs_.find(key);
    if (found == runs_.end()) {
      const auto run = std::make_shared<Run>();
      runs_.emplace(key, run);
      lock.unlock();
      return Lead(key, run, compile);
    }
    const std::shared_ptr<Run> run = found->second;
    while (!changed_.wait_for(lock, kPeriod, [&] { return run->done; })) {
      if (HeedCancellation::IsCancelled()) throw CancelledErrorOf("another thread");
    }
    if (run->was_cancelled) continue;
    if (run->failure) std::rethrow_exception(run->failure);
    return run->artifact;
  }
}

RunningCompiles::SharedArtifact RunningCompiles::Lead(const std::string& key,
                                                      const std::shared_ptr<Run>& run,
                                                      const std::function<Artifact()>& compile) {
  SharedArtifact artifact;
  std::exception_ptr failure;
  try {
    artifact = std::make_shared<const Artifact>(compile());
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    run->done = true;
    run->was_cancelled = HeedCancellation::IsCancelled();
    run->artifact = artifact;
    run->failure = failure;
    runs_.erase(key);
    changed_.notify_all();
  }
  if (failure) std::rethrow_exception(failure);
  return artifact;
}

}  // namespace kiln::jit
