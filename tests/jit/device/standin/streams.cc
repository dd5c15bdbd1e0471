// The stand-in's streams and events: work is done at once, so they only have to exist.

#include <string>

#include "tests/jit/device/standin/functions.h"
#include "tests/jit/device/standin/machine.h"

namespace standin {
namespace {

// The default stream and its two explicit names always exist.
bool IsStream(void* stream) {
  if (stream == nullptr || stream == reinterpret_cast<void*>(1) ||
      stream == reinterpret_cast<void*>(2)) {
    return true;
  }
  Machine& machine = Machine::Get();
  const std::lock_guard guard(machine.lock);
  return machine.streams.contains(stream);
}

bool IsEvent(void* event) {
  Machine& machine = Machine::Get();
  const std::lock_guard guard(machine.lock);
  return machine.events.contains(event);
}

int Make(const char* function, const std::string& what, std::set<void*> Machine::* group,
         void** made) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  if (made == nullptr) return kInvalidValue;
  Machine& machine = Machine::Get();
  const int failure = machine.Enter(function, what);
  if (failure != kOk) return failure;
  const std::lock_guard guard(machine.lock);
  *made = new char;
  (machine.*group).insert(*made);
  return kOk;
}

int Destroy(const char* function, std::set<void*> Machine::* group, void* made) {
  Machine& machine = Machine::Get();
  const int failure = machine.Enter(function);
  if (failure != kOk) return failure;
  const std::lock_guard guard(machine.lock);
  if ((machine.*group).erase(made) == 0) return kInvalidHandle;
  delete static_cast<char*>(made);
  return kOk;
}

int OnStream(const char* function, void* stream) {
  const int failure = Machine::Get().Enter(function);
  if (failure != kOk) return failure;
  return IsStream(stream) ? kOk : kInvalidHandle;
}

int OnEvent(const char* function, void* event) {
  const int failure = Machine::Get().Enter(function);
  if (failure != kOk) return failure;
  return IsEvent(event) ? kOk : kInvalidHandle;
}

}  // namespace

int cuStreamCreateWithPriority(void** stream, unsigned flags, int priority) {
  return Make("cuStreamCreateWithPriority", std::to_string(flags) + " " + std::to_string(priority),
              &Machine::streams, stream);
}
int cuStreamDestroy(void* stream) { return Destroy("cuStreamDestroy", &Machine::streams, stream); }
int cuStreamSynchronize(void* stream) { return OnStream("cuStreamSynchronize", stream); }
int cuStreamQuery(void* stream) { return OnStream("cuStreamQuery", stream); }
int cuStreamWaitEvent(void* stream, void* event, unsigned /*flags*/) {
  const int status = OnStream("cuStreamWaitEvent", stream);
  return status == kOk && !IsEvent(event) ? kInvalidHandle : status;
}

int cuEventCreate(void** event, unsigned flags) {
  return Make("cuEventCreate", std::to_string(flags), &Machine::events, event);
}
int cuEventDestroy(void* event) { return Destroy("cuEventDestroy", &Machine::events, event); }
int cuEventRecord(void* event, void* stream) {
  const int status = OnEvent("cuEventRecord", event);
  return status == kOk && !IsStream(stream) ? kInvalidHandle : status;
}
int cuEventQuery(void* event) { return OnEvent("cuEventQuery", event); }
int cuEventSynchronize(void* event) { return OnEvent("cuEventSynchronize", event); }
int cuEventElapsedTime(float* milliseconds, void* start, void* end) {
  *milliseconds = 0.5F;
  const int status = OnEvent("cuEventElapsedTime", start);
  return status == kOk && !IsEvent(end) ? kInvalidHandle : status;
}

}  // namespace standin
