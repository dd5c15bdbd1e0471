#ifndef KILN_JIT_DEVICE_DEVICE_H_
#define KILN_JIT_DEVICE_DEVICE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "jit/device/status.h"

// Where CUDA kernels run: the seam between the runtime API that compiled code calls and what is
// below it. The CUDA driver is one implementation (cuda/), the grid on the CPU is to be another
// (cpu/). Any number of threads may call all of it at once.
namespace kiln::jit {

// CUDA's dim3.
struct Dim3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;

  bool operator==(const Dim3&) const = default;
};

// An attribute of a launch: CUDA's cudaLaunchAttribute, which is the driver's CUlaunchAttribute.
struct LaunchAttribute {
  static constexpr unsigned kCooperative = 2;
  static constexpr unsigned kCluster = 4;

  unsigned id = 0;
  unsigned reserved = 0;
  union {
    char bytes[64];
    int cooperative;
    Dim3 cluster;
  } value{};
};
static_assert(sizeof(LaunchAttribute) == 72);

struct LaunchShape {
  Dim3 grid;                // in blocks
  Dim3 block;               // in threads
  size_t shared_bytes = 0;  // of dynamic shared memory
  void* stream = nullptr;
  std::span<const LaunchAttribute> attributes;
};

// What launches on a device have to keep to.
struct DeviceLimits {
  unsigned block_threads = 1024;
  Dim3 block;
  Dim3 grid;
  size_t shared_bytes = 0;  // of a block, static and dynamic, once a kernel asked for it
};

// Numbers that CUDA gives to attributes of kernels.
enum class KernelAttribute : int {
  kMaxThreads = 0,
  kStaticShared = 1,
  kConstant = 2,
  kLocal = 3,
  kRegisters = 4,
  kPtxVersion = 5,
  kBinaryVersion = 6,
  kCacheMode = 7,
  kMaxDynamicShared = 8,
};

// A kernel that is loaded on a device.
class DeviceKernel {
 public:
  virtual ~DeviceKernel() = default;

  // The most threads that a block of this kernel may have, and the shared memory that it always
  // takes, in bytes. Set once it is loaded.
  unsigned max_threads() const { return max_threads_; }
  size_t static_shared() const { return static_shared_; }

  // Starts the kernel on the thread's current device. `arguments` points to one address a
  // parameter. Takes no lock, and allocates nothing.
  virtual Status Launch(const LaunchShape& shape, void** arguments) = 0;

  // Lets blocks have that much dynamic shared memory, if they may not yet.
  virtual Status AllowDynamicShared(size_t bytes) = 0;

  // The threads a block that keep the device busiest, as BestBlock says; asked once for launches
  // with as much shared memory.
  Status BusiestBlock(size_t shared_bytes, unsigned* threads);

  // The same, and the fewest blocks that fill the device. `limit` bounds the threads; 0 does not.
  virtual Status BestBlock(size_t shared_bytes, int limit, int* min_blocks, int* threads) = 0;
  virtual Status ActiveBlocks(int threads, size_t shared_bytes, unsigned flags, int* blocks) = 0;

  virtual Status Get(KernelAttribute attribute, int* value) = 0;
  virtual Status Set(KernelAttribute attribute, int value) = 0;
  virtual Status SetCachePreference(int preference) = 0;

 protected:
  unsigned max_threads_ = 0;
  size_t static_shared_ = 0;

 private:
  std::atomic<uint64_t> busiest_{0};  // shared bytes in the upper half, threads in the lower
};

// Why code does not get onto a device: an error's text and the status that stands for it.
struct LoadFailure {
  Status status = kSuccess;
  std::string message;
};

// The code of a module, loaded on a device. Unloaded where it dies.
class DeviceCode {
 public:
  virtual ~DeviceCode() = default;

  // The kernel of that name, as the compiler wrote it into the code. Null, and `failure` set, where
  // there is none or the driver refuses it; `shown` is what messages call the kernel.
  virtual std::unique_ptr<DeviceKernel> FindKernel(const std::string& name,
                                                   const std::string& shown,
                                                   LoadFailure* failure) = 0;

  // Where a variable lies in the thread's current context, and its size in bytes.
  virtual Status FindVariable(const std::string& name, void** address, size_t* size) = 0;
};

// Copies, memory and streams belong to the thread's current device; the functions here are called
// while it is this one. Addresses and handles are those that programs hold: void* of device memory,
// cudaStream_t, cudaEvent_t.
class Device {
 public:
  virtual ~Device() = default;

  // The number by which programs know it, and "device 0 (sm_80)".
  int ordinal() const { return ordinal_; }
  const std::string& description() const { return description_; }
  const DeviceLimits& limits() const { return limits_; }

  // Loads what a fat binary (jit/artifact/fat_binary.h) has for this device. `name` says in
  // messages what it is loaded for. Null, and `failure` set, where it can't be.
  virtual std::unique_ptr<DeviceCode> Load(std::string_view fat_binary, const std::string& name,
                                           LoadFailure* failure) = 0;

  // `attribute` is a cudaDeviceAttr.
  virtual Status Attribute(int attribute, int* value) = 0;
  virtual Status Name(std::span<char> name) = 0;
  virtual Status Uuid(std::span<char, 16> uuid) = 0;
  virtual Status TotalMemory(size_t* bytes) = 0;
  virtual Status MemoryInfo(size_t* free, size_t* total) = 0;
  virtual Status SetLimit(int limit, size_t value) = 0;
  virtual Status GetLimit(int limit, size_t* value) = 0;
  virtual Status PriorityRange(int* least, int* greatest) = 0;
  virtual Status CanAccessPeer(const Device& peer, int* can) = 0;
  virtual Status EnablePeerAccess(Device& peer, unsigned flags) = 0;
  virtual Status Synchronize() = 0;

  virtual Status Allocate(size_t bytes, void** pointer) = 0;
  virtual Status Free(void* pointer) = 0;
  virtual Status AllocateAsync(size_t bytes, void* stream, void** pointer) = 0;
  virtual Status FreeAsync(void* pointer, void* stream) = 0;
  virtual Status AllocateHost(size_t bytes, unsigned flags, void** pointer) = 0;
  virtual Status FreeHost(void* pointer) = 0;
  virtual Status AllocateManaged(size_t bytes, unsigned flags, void** pointer) = 0;
  // Both sides may be any memory that the device or the host has.
  virtual Status Copy(void* to, const void* from, size_t bytes) = 0;
  virtual Status CopyAsync(void* to, const void* from, size_t bytes, void* stream) = 0;
  virtual Status Fill(void* to, unsigned char value, size_t bytes) = 0;
  virtual Status FillAsync(void* to, unsigned char value, size_t bytes, void* stream) = 0;
  // What CUDA knows of an address: its cudaMemoryType (0 where it knows nothing), the device, and
  // where device and host see it, or null.
  struct Place {
    int memory_type = 0;
    int device = -1;
    void* device_pointer = nullptr;
    void* host_pointer = nullptr;
  };
  virtual Status PlaceOf(const void* pointer, Place* place) = 0;

  virtual Status MakeStream(unsigned flags, int priority, void** stream) = 0;
  virtual Status DestroyStream(void* stream) = 0;
  virtual Status SynchronizeStream(void* stream) = 0;
  virtual Status QueryStream(void* stream) = 0;
  virtual Status WaitForEvent(void* stream, void* event, unsigned flags) = 0;
  virtual Status MakeEvent(unsigned flags, void** event) = 0;
  virtual Status DestroyEvent(void* event) = 0;
  virtual Status RecordEvent(void* event, void* stream) = 0;
  virtual Status QueryEvent(void* event) = 0;
  virtual Status SynchronizeEvent(void* event) = 0;
  virtual Status ElapsedTime(void* start, void* end, float* milliseconds) = 0;

 protected:
  int ordinal_ = 0;
  std::string description_;
  DeviceLimits limits_;
};

// The devices of one kind, and which of them a thread is at.
class Platform {
 public:
  static constexpr int kMaxDevices = 64;

  virtual ~Platform() = default;

  // kSuccess where there are devices; else the status that every call of the runtime API fails
  // with, and in `absence` why there are none and where was looked.
  virtual Status Ready() = 0;
  virtual const std::string& absence() = 0;
  // At most kMaxDevices. Those that Ready found.
  virtual std::span<const std::unique_ptr<Device>> devices() = 0;

  // The newest version of CUDA that is served, 13000 for 13.0; 0 where there is nothing to serve.
  virtual int version() = 0;

  // The calling thread's current device, as the CUDA runtime keeps it: that of the context that is
  // current, whoever made it so; else the one that the thread chose, or 0, made current now.
  virtual Status Current(Device** device) = 0;

  // Makes a device the thread's.
  virtual Status Choose(int ordinal) = 0;

  // Makes a device the thread's for a time. A context of that device that is current already stays.
  struct Visit {
    bool changed = false;
    void* context = nullptr;  // that was current before, if any
  };
  virtual Status Enter(Device& device, Visit* visit) = 0;
  virtual void Leave(const Visit& visit) = 0;
};

// The GPUs of this machine. Opens the driver on first use; never destroyed.
Platform& CudaPlatform();

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_DEVICE_H_
