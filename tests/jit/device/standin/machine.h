#ifndef KILN_TESTS_JIT_DEVICE_STANDIN_MACHINE_H_
#define KILN_TESTS_JIT_DEVICE_STANDIN_MACHINE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/jit/device/standin/image.h"

// The machine that the stand-in driver drives: devices, contexts, memory, streams, all on the host.
namespace standin {

// CUresults.
enum Result : int {
  kOk = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialized = 3,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kNoBinaryForGpu = 209,
  kInvalidHandle = 400,
  kNotFound = 500,
  kCooperativeTooLarge = 720,
  kInvalidClusterSize = 912,
};

inline constexpr int kMaxDevices = 8;
inline constexpr int kMaxDynamicShared = 48 << 10;

struct Context {
  int device;
};

struct Device {
  int architecture = 0;
  Context primary{0};
  int retained = 0;
};

struct Library;

// A kernel does not change once it is loaded, but for what cuKernelSetAttribute sets.
struct Kernel {
  Library* library = nullptr;
  std::string name;
  ImageKernel image;
  std::array<std::atomic<int>, kMaxDevices> dynamic_shared{};
};

struct Variable {
  std::vector<char> bytes;
};

struct Library {
  Image image;
  std::map<std::string, Kernel> kernels;
  // Each device has variables of its own.
  std::array<std::map<std::string, Variable>, kMaxDevices> variables;
};

class Machine {
 public:
  static Machine& Get();

  // Reads the environment; cuInit does it.
  int Initialize();
  bool initialized() const { return initialized_; }
  int version() const { return version_; }

  // Writes a call down, and says whether it is to fail: kOk or the status that a test asked for.
  int Enter(const char* function, const std::string& what = "");
  // The same for a launch, which takes no lock where nothing is recorded or to fail.
  bool is_quiet() const { return quiet_.load(std::memory_order_acquire); }

  void Reset();
  void Record(bool on);
  void Fail(const std::string& function, int status);
  std::string Log();

  std::vector<Device> devices;
  std::mutex lock;  // of all below
  std::map<std::string, int> to_fail;
  std::vector<std::string> calls;
  std::set<std::unique_ptr<Library>> libraries;
  std::map<char*, size_t> allocations;  // of devices and of pinned memory
  std::set<void*> streams;
  std::set<void*> events;
  std::set<std::unique_ptr<Context>> contexts;
  std::vector<char> parameters;  // of the last launch

  std::atomic<size_t> launches{0};
  std::atomic<void (*)(const char*, void**, size_t)> run{nullptr};

 private:
  bool initialized_ = false;
  int version_ = 13000;
  bool recording_ = true;
  std::atomic<bool> quiet_{false};
};

// The calling thread's current context, or null.
Context*& CurrentContext();

}  // namespace standin

#endif  // KILN_TESTS_JIT_DEVICE_STANDIN_MACHINE_H_
