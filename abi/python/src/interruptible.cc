#include "abi/python/src/interruptible.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <vector>

#include "abi/python/src/interpreter_lock.h"
#include "abi/python/src/values.h"

namespace kiln::python {
namespace {

// How often a wait looks for signals.
constexpr std::chrono::milliseconds kSignalPeriod(20);

// A compile needs as much stack as the main thread has, as a rule.
constexpr size_t kStackSize = size_t{8} << 20;

void ReleaseValue(TVMFFIAny& value) {
  if (value.type_index >= kTVMFFIStaticObjectBegin) TVMFFIObjectDecRef(value.v_obj);
  value = TVMFFIAny{};
}

// A call with arguments that it owns, and what came of it.
class PendingCall {
 public:
  explicit PendingCall(TVMFFIObjectHandle function) : function_(function) {
    TVMFFIObjectIncRef(function);
  }
  ~PendingCall() {
    for (TVMFFIAny& argument : arguments_) ReleaseValue(argument);
    ReleaseValue(result_);
    TVMFFIObjectDecRef(error_);
    TVMFFIObjectDecRef(function_);
  }
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;

  // Takes a copy. False with an ABI error raised.
  bool Add(const TVMFFIAny& view) {
    return TVMFFIAnyViewToOwnedAny(&view, &arguments_.emplace_back()) == 0;
  }

  void Run() {
    status_ = TVMFFIFunctionCall(function_, arguments_.data(),
                                 static_cast<int32_t>(arguments_.size()), &result_);
    if (status_ != 0) TVMFFIErrorMoveFromRaised(&error_);
  }

  // The result, or the error raised in Python. To be called once, after Run.
  PyObject* Finish() {
    if (status_ == 0) return ToPython(std::exchange(result_, TVMFFIAny{}));
    TVMFFIErrorSetRaised(error_);
    return RaiseInPython();
  }

 private:
  TVMFFIObjectHandle function_;
  std::vector<TVMFFIAny> arguments_;
  TVMFFIAny result_{};
  TVMFFIObjectHandle error_ = nullptr;
  int status_ = 0;
};

// A thread that makes one call after the other, so that what threads keep for compiling is kept.
class Worker {
 public:
  // Null where the system gives no thread.
  static std::shared_ptr<Worker> Start() {
    auto worker = std::make_shared<Worker>();
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackSize);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    // Signals are for the threads of the program.
    sigset_t all;
    sigset_t former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    auto* kept = new std::shared_ptr<Worker>(worker);
    pthread_t thread;
    const int status = pthread_create(&thread, &attributes, &Worker::Main, kept);
    pthread_sigmask(SIG_SETMASK, &former, nullptr);
    pthread_attr_destroy(&attributes);
    if (status == 0) return worker;
    delete kept;
    return nullptr;
  }

  // Hands a call over. The worker must be idle.
  void Give(std::shared_ptr<PendingCall> call) {
    const std::lock_guard lock(mutex_);
    call_ = std::move(call);
    changed_.notify_all();
  }

  // True when the call has been made; false when the time is over.
  bool WaitFor(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return call_ == nullptr; });
  }

  // The thread ends after the call that it makes.
  void Retire() {
    const std::lock_guard lock(mutex_);
    retired_ = true;
    changed_.notify_all();
  }

 private:
  static void* Main(void* argument) {
    const std::unique_ptr<std::shared_ptr<Worker>> worker(
        static_cast<std::shared_ptr<Worker>*>(argument));
    (*worker)->Loop();
    return nullptr;
  }

  void Loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return call_ != nullptr || retired_; });
      if (call_ == nullptr) return;
      std::shared_ptr<PendingCall> call = call_;
      lock.unlock();
      call->Run();
      // Whoever still waits has a reference of its own.
      call.reset();
      lock.lock();
      call_.reset();
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<PendingCall> call_;
  bool retired_ = false;
};

// Used by the main thread alone. Never destroyed: the thread may outlive static objects.
struct Workers {
  std::shared_ptr<Worker> idle;
  std::vector<std::shared_ptr<Worker>> left;  // with a call that nobody waits for
  pid_t process = 0;                          // whose threads they are
};
Workers& workers() {
  static Workers* const all = new Workers;
  // The child of a fork has no threads but its own; what they hold is lost with them.
  if (all->process != getpid()) {
    if (all->process != 0) new Workers(std::move(*all));
    *all = Workers{};
    all->process = getpid();
  }
  return *all;
}

bool OnMainThread() {
  // gettid and getpid are one on the thread that a process starts with, where Python's signal
  // handlers run.
  return gettid() == getpid();
}

PyObject* CallAndWatchSignals(std::shared_ptr<PendingCall> call) {
  std::shared_ptr<Worker> worker = std::exchange(workers().idle, nullptr);
  if (worker == nullptr) worker = Worker::Start();
  if (worker == nullptr) {
    call->Run();
    return call->Finish();
  }
  worker->Give(call);
  while (true) {
    if (WithoutLock([&] { return worker->WaitFor(kSignalPeriod); })) break;
    if (PyErr_CheckSignals() != 0) {
      worker->Retire();
      workers().left.push_back(std::move(worker));
      return nullptr;
    }
  }
  if (workers().idle == nullptr) {
    workers().idle = std::move(worker);
  } else {
    worker->Retire();
  }
  return call->Finish();
}

}  // namespace

PyObject* CallUnlocked(PyObject*, PyObject* const* args, Py_ssize_t count) {
  if (count < 1 || Py_TYPE(args[0]) != core.function_type) {
    return PyErr_Format(PyExc_TypeError, "call_unlocked takes a kiln.Function and its arguments");
  }
  CallFrame frame(/*lends_arrays=*/false);
  const auto call = std::make_shared<PendingCall>(AsObject(args[0])->handle);
  for (Py_ssize_t i = 1; i < count; ++i) {
    TVMFFIAny view{};
    if (!frame.Pack(args[i], &view)) return nullptr;
    if (!call->Add(view)) return RaiseInPython();
  }
  if (OnMainThread()) return CallAndWatchSignals(call);
  WithoutLock([&] {
    call->Run();
    return 0;
  });
  return call->Finish();
}

bool FinishCalls() {
  for (const auto& worker : workers().left) {
    while (!WithoutLock([&] { return worker->WaitFor(kSignalPeriod); })) {
      if (PyErr_CheckSignals() != 0) return false;
    }
  }
  return true;
}

}  // namespace kiln::python
