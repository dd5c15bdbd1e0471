#include "jit/threads/crash_guard.h"

#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>

// The libraries that guarded work runs are linked so that they call these in place of the C
// library's (--wrap).
extern "C" [[noreturn]] void KilnRealExit(int code) __asm__("__real_exit");
extern "C" [[noreturn]] void KilnGuardedExit(int code) __asm__("__wrap_exit");

namespace kiln::jit {
namespace {

constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
constexpr size_t kSignalStack = size_t{64} << 10;
constexpr ptrdiff_t kNearStackEnd = ptrdiff_t{2} << 20;
constexpr uintptr_t kStackInUse = uintptr_t{64} << 10;  // and more, below the frame that asks
constexpr std::chrono::seconds kLongestFork(5);

// One run of guarded work, on the stack of RunGuarded.
struct Guard {
  sigjmp_buf place;
  Guard* outer = nullptr;
  int signal = 0;  // that ended it; 0: `reason` did
  const void* address = nullptr;
  std::array<char, 1024> reason{};
};

// The bounds of the thread's stack, where PrepareThread was called.
thread_local const char* stack_low = nullptr;

// The guard of the thread that was begun last. Not a thread_local, which a signal handler on
// another thread may find not allocated yet.
class Innermost {
 public:
  static Guard* Get() noexcept { return static_cast<Guard*>(pthread_getspecific(Key())); }
  static void Set(Guard* guard) { pthread_setspecific(Key(), guard); }

 private:
  static pthread_key_t Key() noexcept {
    static const pthread_key_t kKey = [] {
      pthread_key_t key;
      pthread_key_create(&key, nullptr);
      return key;
    }();
    return kKey;
  }
};

ThreadState thread_state{[]() -> const void* { return nullptr; }, [](const void*) {}};

[[noreturn]] void Leave(Guard* guard) noexcept { siglongjmp(guard->place, 1); }

void OnSignal(int signal, siginfo_t* event, void* context);

// The guarded work of the process, and the handlers that stand while there is any.
class GuardedRuns {
 public:
  void Begin() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !forking_; });
    if (running_++ == 0) Install();
  }

  void End() {
    const std::lock_guard lock(mutex_);
    if (--running_ > 0) return;
    PutBack();
    changed_.notify_all();
  }

  // What the host does with the signal.
  const struct sigaction& FormerOf(int signal) const { return former_[IndexOf(signal)]; }

  // A fork begins: no work may begin until it is done. Work that this thread runs itself is not
  // waited for.
  void BeginFork() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !forking_; });
    forking_ = true;
    if (Innermost::Get() == nullptr) {
      changed_.wait_for(lock, kLongestFork, [&] { return running_ == 0; });
    }
    lock.release();  // held across the fork
  }

  void EndForkInParent() {
    forking_ = false;
    mutex_.unlock();
    changed_.notify_all();
  }

  // The threads that ran work are not in the child.
  void EndForkInChild() {
    const bool was_running = running_ > 0;
    running_ = Innermost::Get() == nullptr ? 0 : 1;
    forking_ = false;
    if (was_running && running_ == 0) PutBack();
    mutex_.unlock();
    // Nobody waits here; who did is in the parent.
    new (&changed_) std::condition_variable();
  }

 private:
  static size_t IndexOf(int signal) {
    return static_cast<size_t>(std::find(kSignals.begin(), kSignals.end(), signal) -
                               kSignals.begin());
  }

  void Install() {
    for (size_t i = 0; i < kSignals.size(); ++i) {
      struct sigaction action{};
      // Noted before ours can be called.
      sigaction(kSignals[i], nullptr, &action);
      if (IsOurs(action)) continue;  // a host put back what it had found
      former_[i] = action;
      struct sigaction ours{};
      ours.sa_sigaction = &OnSignal;
      ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
      sigemptyset(&ours.sa_mask);
      sigaction(kSignals[i], &ours, nullptr);
    }
  }

  void PutBack() {
    for (size_t i = 0; i < kSignals.size(); ++i) {
      struct sigaction action{};
      sigaction(kSignals[i], nullptr, &action);
      // A handler that the host has installed meanwhile stays.
      if (IsOurs(action)) sigaction(kSignals[i], &former_[i], nullptr);
    }
  }

  static bool IsOurs(const struct sigaction& action) {
    return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == &OnSignal;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int running_ = 0;
  bool forking_ = false;
  std::array<struct sigaction, kSignals.size()> former_{};
};

// Never destroyed: work may run while the process ends.
GuardedRuns& Runs() {
  static GuardedRuns* const kRuns = [] {
    auto* const runs = new GuardedRuns;
    pthread_atfork([] { Runs().BeginFork(); }, [] { Runs().EndForkInParent(); },
                   [] { Runs().EndForkInChild(); });
    return runs;
  }();
  return *kRuns;
}

// Does with the signal what the host would have done.
void Forward(int signal, siginfo_t* event, void* context) {
  const struct sigaction former = Runs().FormerOf(signal);
  const bool is_default = (former.sa_flags & SA_SIGINFO) == 0 && former.sa_handler == SIG_DFL;
  const bool is_ignored = (former.sa_flags & SA_SIGINFO) == 0 && former.sa_handler == SIG_IGN;
  const bool was_sent = event->si_code <= 0;  // by kill or raise, not by a fault
  if (is_ignored && was_sent) return;
  if (is_default || is_ignored) {
    std::signal(signal, SIG_DFL);
    // A fault comes again when this returns.
    if (was_sent) raise(signal);
    return;
  }
  if ((former.sa_flags & SA_RESETHAND) != 0) std::signal(signal, SIG_DFL);
  sigset_t blocked = former.sa_mask;
  if ((former.sa_flags & SA_NODEFER) == 0) sigaddset(&blocked, signal);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  if ((former.sa_flags & SA_SIGINFO) != 0) {
    former.sa_sigaction(signal, event, context);
  } else {
    former.sa_handler(signal);
  }
}

void OnSignal(int signal, siginfo_t* event, void* context) {
  const int saved_errno = errno;
  Guard* const guard = Innermost::Get();
  // A signal that another process or thread has sent is not the work's doing.
  const bool is_own = event->si_code > 0 || signal == SIGABRT || event->si_pid == getpid();
  if (guard == nullptr || !is_own) {
    Forward(signal, event, context);
    errno = saved_errno;
    return;
  }
  guard->signal = signal;
  guard->address = event->si_code > 0 ? event->si_addr : nullptr;
  Leave(guard);
}

// Near the end of the stack: in the pages that guard it, or where a large frame reaches beyond.
bool IsBelowStack(const void* address) {
  const ptrdiff_t distance = static_cast<const char*>(address) - stack_low;
  return stack_low != nullptr && std::abs(distance) < kNearStackEnd;
}

std::string ReasonOf(const Guard& guard) {
  if (guard.signal == 0) return guard.reason.data();
  if (guard.signal == SIGABRT) return "it called abort()";
  if (guard.signal == SIGSEGV && IsBelowStack(guard.address)) return "it ran out of stack";
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "SIG%s at address %p", sigabbrev_np(guard.signal),
                guard.address);
  return text.data();
}

// Lets the system take the part of the stack that is not in use: a crash may have filled all of it.
void GiveStackBack() {
  if (stack_low == nullptr) return;
  const auto page = static_cast<uintptr_t>(getpagesize());
  const auto low = (reinterpret_cast<uintptr_t>(stack_low) + page - 1) / page * page;
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) / page * page;
  if (here > low + kStackInUse) {
    madvise(reinterpret_cast<void*>(low),  // NOLINT(performance-no-int-to-ptr): a page of the stack
            here - low - kStackInUse, MADV_DONTNEED);
  }
}

// What a thread's signal handlers run on where it asks for it.
class SignalStack {
 public:
  SignalStack() : memory_(new char[kSignalStack]) {
    stack_t stack{};
    stack.ss_sp = memory_.get();
    stack.ss_size = kSignalStack;
    sigaltstack(&stack, nullptr);
  }
  ~SignalStack() {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  std::unique_ptr<char[]> memory_;
};

}  // namespace

std::optional<Crash> RunGuarded(const std::function<void()>& work) {
  // A nested guard has its outer one's handlers.
  struct Run {
    Run() {
      if (Innermost::Get() == nullptr) Runs().Begin();
    }
    ~Run() {
      if (Innermost::Get() == nullptr) Runs().End();
    }
  };
  const Run run;
  Guard guard;
  guard.outer = Innermost::Get();
  const void* const saved = thread_state.save();
  if (sigsetjmp(guard.place, /*savemask=*/1) != 0) {
    Innermost::Set(guard.outer);
    thread_state.restore(saved);
    GiveStackBack();
    return Crash{ReasonOf(guard)};
  }
  Innermost::Set(&guard);
  struct Reset {
    Guard* outer;
    ~Reset() { Innermost::Set(outer); }
  };
  const Reset reset{guard.outer};
  work();
  return std::nullopt;
}

void AbandonGuarded(const char* reason) noexcept {
  Guard* const guard = Innermost::Get();
  if (guard == nullptr) return;
  guard->signal = 0;
  std::strncpy(guard->reason.data(), reason, guard->reason.size() - 1);
  Leave(guard);
}

void PrepareThread() {
  thread_local const SignalStack stack;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* low = nullptr;
  size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    stack_low = static_cast<const char*>(low);
  }
  pthread_attr_destroy(&attributes);
}

void SetGuardedState(ThreadState state) noexcept { thread_state = state; }

}  // namespace kiln::jit

void KilnGuardedExit(int code) {
  std::array<char, 32> reason{};
  std::snprintf(reason.data(), reason.size(), "it called exit(%d)", code);
  kiln::jit::AbandonGuarded(reason.data());
  KilnRealExit(code);
}
