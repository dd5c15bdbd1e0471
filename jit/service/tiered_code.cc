#include "jit/service/tiered_code.h"

#include <utility>

#include "jit/log.h"
#include "jit/service/caught_error.h"
#include "jit/stats.h"

namespace kiln::jit {

// A function whose code may change between calls.
class TieredCode::TieredFunctionObj : public FunctionObj {
 public:
  TieredFunctionObj(const Entry* entry, std::shared_ptr<TieredCode> code) noexcept
      : FunctionObj(&Call), entry_(entry), code_(std::move(code)) {}

 private:
  static int Call(void* self, const TVMFFIAny* args, int32_t count, TVMFFIAny* result) {
    const auto* const function = static_cast<TieredFunctionObj*>(static_cast<Object*>(self));
    return function->entry_->load(std::memory_order_acquire)(self, args, count, result);
  }

  const Entry* entry_;  // of code_
  std::shared_ptr<TieredCode> code_;
};

TieredCode::TieredCode(LoadedCode first) : first_(std::move(first)) {}

void TieredCode::Improve(std::function<LoadedCode(const LoadedCode& first)> make) {
  const std::lock_guard lock(mutex_);
  ticket_ = CompileThreads::Global().Submit(
      Priority::kBackground, [weak = weak_from_this(), make = std::move(make)] {
        const std::shared_ptr<TieredCode> code = weak.lock();
        if (code == nullptr) return;
        try {
          code->End(make(code->first_), std::nullopt);
        } catch (...) {
          const Error failure = CaughtError();
          Log(LogLevel::kWarn, "'" + code->first_.artifact->name +
                                   "' stays at its first code: " + std::string(failure.what()));
          code->End(std::nullopt, failure);
        }
      });
}

LoadedCode TieredCode::Current() const {
  const std::lock_guard lock(mutex_);
  return second_ ? *second_ : first_;
}

Optional<Function> TieredCode::FunctionOf(const std::string& symbol) {
  const std::lock_guard lock(mutex_);
  const LoadedCode& code = second_ ? *second_ : first_;
  auto* const address = reinterpret_cast<TVMFFISafeCallType>(code.image->Find(symbol));
  if (address == nullptr) return std::nullopt;
  // What will not change is called as it is.
  if (done_) return Function::FromSymbol(address, code.image);
  Entry& entry = entries_.try_emplace(symbol, address).first->second;
  return Function(
      ObjectPtr<FunctionObj>(MakeObject<TieredFunctionObj>(&entry, shared_from_this())));
}

void TieredCode::End(std::optional<LoadedCode> second, std::optional<Error> failure) {
  std::vector<std::function<void()>> hooks;
  {
    const std::lock_guard lock(mutex_);
    if (second) {
      for (auto& [symbol, entry] : entries_) {
        auto* const better = reinterpret_cast<TVMFFISafeCallType>(second->image->Find(symbol));
        if (better != nullptr) entry.store(better, std::memory_order_release);
      }
    }
    if (second) ++TheStats().optimized;
    second_ = std::move(second);
    failure_ = std::move(failure);
    done_ = true;
    hooks = std::exchange(hooks_, {});
    changed_.notify_all();
  }
  for (const std::function<void()>& hook : hooks) CallHook(hook);
}

bool TieredCode::WaitUntil(std::optional<Clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  if (!done_) {
    CompileThreads::Global().Raise(&ticket_, Priority::kCaller);
    if (CompileThreads::IsOne()) {
      if (const auto work = CompileThreads::Global().TakeBack(ticket_)) {
        lock.unlock();
        work();
        lock.lock();
      }
    }
    const auto is_done = [&] { return done_; };
    if (deadline) {
      changed_.wait_until(lock, *deadline, is_done);
    } else {
      changed_.wait(lock, is_done);
    }
  }
  if (failure_) throw CopyOf(*failure_);
  return done_;
}

void TieredCode::OnDone(std::function<void()> hook) {
  {
    const std::lock_guard lock(mutex_);
    if (!done_) {
      hooks_.push_back(std::move(hook));
      return;
    }
  }
  CallHook(hook);
}

}  // namespace kiln::jit
