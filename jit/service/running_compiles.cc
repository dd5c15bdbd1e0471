#include "jit/service/running_compiles.h"

#include <chrono>
#include <exception>
#include <filesystem>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>
#include <variant>

#include "jit/compile/compile_safely.h"
#include "jit/stats.h"
#include "jit/threads/cancellation.h"

namespace kiln::jit {
namespace {

// How often who waits for another's compile looks whether it is cancelled itself.
constexpr std::chrono::milliseconds kPeriod(20);

constexpr size_t kMostKeys = 256;

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

class RunningCompiles::Run {
 public:
  explicit Run(std::string name) : key(std::move(name)) {}

  const std::string key;
  // All else is guarded by the lock of the RunningCompiles.
  bool has_begun = false;
  bool is_done = false;
  SharedArtifact artifact;
  std::exception_ptr failure;
};

std::shared_ptr<RunningCompiles::Run> RunningCompiles::Join(const std::string& key) {
  const std::lock_guard lock(mutex_);
  ForgetParent();
  std::weak_ptr<Run>& entry = runs_[key];
  if (std::shared_ptr<Run> run = entry.lock()) return run;
  auto run = std::make_shared<Run>(key);
  entry = run;
  // What was asked for and then given up leaves its key behind.
  if (runs_.size() > kMostKeys) {
    std::erase_if(runs_, [](const auto& each) { return each.second.expired(); });
  }
  return run;
}

void RunningCompiles::ForgetParent() {
  if (process_ == getpid()) return;
  process_ = getpid();
  // What threads of the parent wait at is never destroyed.
  new (&changed_) std::condition_variable_any;
  runs_.clear();
}

RunningCompiles::SharedArtifact RunningCompiles::Get(const std::shared_ptr<Run>& run,
                                                     const std::function<Artifact()>& compile) {
  {
    std::unique_lock lock(mutex_);
    while (run->has_begun && !run->is_done) {
      changed_.wait_for(lock, kPeriod);
      if (HeedCancellation::IsCancelled()) throw CancelledErrorOf("another thread");
    }
    if (run->is_done) {
      ++TheStats().shared;
      if (run->failure) std::rethrow_exception(run->failure);
      return run->artifact;
    }
    run->has_begun = true;
  }
  return Lead(run, compile);
}

RunningCompiles::SharedArtifact RunningCompiles::Lead(const std::shared_ptr<Run>& run,
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
    if (HeedCancellation::IsCancelled()) {
      run->has_begun = false;
    } else {
      run->is_done = true;
      run->artifact = artifact;
      run->failure = failure;
      const auto entry = runs_.find(run->key);
      if (entry != runs_.end() && entry->second.lock() == run) runs_.erase(entry);
    }
    changed_.notify_all();
  }
  if (failure) std::rethrow_exception(failure);
  return artifact;
}

}  // namespace kiln::jit
