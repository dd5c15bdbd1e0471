// CUDA's runtime API: streams and events.

#include "jit/device/runtime_calls.h"

namespace kiln::jit::runtime {

Status cudaStreamCreate(void** stream) { return cudaStreamCreateWithPriority(stream, 0, 0); }

Status cudaStreamCreateWithFlags(void** stream, unsigned flags) {
  return cudaStreamCreateWithPriority(stream, flags, 0);
}

Status cudaStreamCreateWithPriority(void** stream, unsigned flags, int priority) {
  return OnCurrentDevice(
      [&](Device& device) { return device.MakeStream(flags, priority, stream); });
}

Status cudaStreamDestroy(void* stream) {
  return OnCurrentDevice([&](Device& device) { return device.DestroyStream(stream); });
}

Status cudaStreamSynchronize(void* stream) {
  return OnCurrentDevice([&](Device& device) { return device.SynchronizeStream(stream); });
}

Status cudaStreamQuery(void* stream) {
  return OnCurrentDevice([&](Device& device) { return device.QueryStream(stream); });
}

Status cudaStreamWaitEvent(void* stream, void* event, unsigned flags) {
  return OnCurrentDevice([&](Device& device) { return device.WaitForEvent(stream, event, flags); });
}

Status cudaEventCreate(void** event) { return cudaEventCreateWithFlags(event, 0); }

Status cudaEventCreateWithFlags(void** event, unsigned flags) {
  return OnCurrentDevice([&](Device& device) { return device.MakeEvent(flags, event); });
}

Status cudaEventDestroy(void* event) {
  return OnCurrentDevice([&](Device& device) { return device.DestroyEvent(event); });
}

Status cudaEventRecord(void* event, void* stream) {
  return OnCurrentDevice([&](Device& device) { return device.RecordEvent(event, stream); });
}

Status cudaEventQuery(void* event) {
  return OnCurrentDevice([&](Device& device) { return device.QueryEvent(event); });
}

Status cudaEventSynchronize(void* event) {
  return OnCurrentDevice([&](Device& device) { return device.SynchronizeEvent(event); });
}

Status cudaEventElapsedTime(float* milliseconds, void* start, void* end) {
  return OnCurrentDevice(
      [&](Device& device) { return device.ElapsedTime(start, end, milliseconds); });
}

}  // namespace kiln::jit::runtime
