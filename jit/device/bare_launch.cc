#include "jit/device/bare_launch.h"

#include <algorithm>
#include <limits>
#include <string>

#include <tvm/ffi/extra/c_env_api.h>

#include "jit/device/calling_thread.h"
#include "jit/device/launch.h"
#include "jit/device/launch_object.h"
#include "jit/device/launch_plan.h"
#include "kiln/error.h"
#include "kiln/traits.h"

namespace kiln::jit {
namespace {

Device& DeviceOf(const Kernel& kernel, int device_id) {
  Platform& platform = CudaPlatform();
  if (platform.Ready() != kSuccess) {
    throw Error("RuntimeError", kernel.shown() + ": " + platform.absence());
  }
  const auto devices = platform.devices();
  if (device_id < 0) {
    Device* current = nullptr;
    const Status status = platform.Current(&current);
    if (status == kSuccess) return *current;
    throw Error("RuntimeError", kernel.shown() + ": " + DriverName(status) +
                                    " while asking for the current device");
  }
  if (static_cast<size_t>(device_id) < devices.size()) {
    return *devices[static_cast<size_t>(device_id)];
  }
  throw Error("ValueError", kernel.shown() + ": there is no device cuda:" +
                                std::to_string(device_id) + ", where its tensors say they are; " +
                                "there are " + std::to_string(devices.size()));
}

// What the call and the option say together.
LaunchPlan PlanOf(const Kernel& kernel, const LaunchObj* launch, const char* text) {
  LaunchPlan plan;
  if (text != nullptr) {
    const std::optional<LaunchPlan> parsed = ParseLaunchPlan(text);
    if (!parsed) {
      throw Error("ValueError", kernel.shown() +
                                    ": option launch must be '1d' or like "
                                    "'grid=64,1,1 block=256,1,1 smem=0', got '" +
                                    text + "'");
    }
    plan = *parsed;
  }
  if (launch != nullptr) Apply(*launch, &plan);
  return plan;
}

const LaunchObj* LaunchOf(const Kernel& kernel, const TVMFFIAny* launch) {
  if (launch == nullptr || launch->type_index == kTVMFFINone) return nullptr;
  if (const auto object = TypeTraits<const LaunchObj*>::From(*launch)) return *object;
  throw Error("TypeError", kernel.shown() + ": the launch must be a kiln.jit.Launch, got " +
                               kiln::Describe(*launch) + "; kiln.jit.launch makes one");
}

// Grid and block for one thread an element.
void SpreadElements(const Kernel& kernel, const LaunchPlan& plan, int64_t elements,
                    BareLaunch* bare) {
  LaunchShape& shape = bare->shape;
  if (!plan.block) {
    unsigned threads = 0;
    const Status status = bare->on_device->BusiestBlock(shape.shared_bytes, &threads);
    if (status != kSuccess) {
      throw Error("RuntimeError", DriverName(status) + " while choosing a block for " +
                                      kernel.shown() + " on " + bare->device->description());
    }
    shape.block = Dim3{threads, 1, 1};
  }
  const int64_t threads = std::max<int64_t>(
      1, int64_t{shape.block.x} * int64_t{shape.block.y} * int64_t{shape.block.z});
  const int64_t blocks = elements / threads + (elements % threads != 0 ? 1 : 0);
  if (blocks > std::numeric_limits<int32_t>::max()) {
    throw Error("ValueError", kernel.shown() + ": " + std::to_string(elements) + " elements need " +
                                  std::to_string(blocks) + " blocks of " + std::to_string(threads) +
                                  " threads, at most 2147483647 are possible");
  }
  bare->is_empty = blocks == 0;
  shape.grid = Dim3{static_cast<unsigned>(blocks), 1, 1};
}

void SetAttributes(const LaunchPlan& plan, BareLaunch* bare) {
  size_t count = 0;
  if (plan.cluster) {
    bare->attributes[count] = {LaunchAttribute::kCluster, 0, {}};
    bare->attributes[count++].value.cluster = *plan.cluster;
  }
  if (plan.cooperative) {
    bare->attributes[count] = {LaunchAttribute::kCooperative, 0, {}};
    bare->attributes[count++].value.cooperative = 1;
  }
  bare->shape.attributes = {bare->attributes, count};
}

void SetShape(const Kernel& kernel, const LaunchPlan& plan, int64_t elements, BareLaunch* bare) {
  LaunchShape& shape = bare->shape;
  shape.shared_bytes = plan.shared_bytes.value_or(0);
  shape.block = plan.block.value_or(Dim3());
  if (plan.grid) {
    shape.grid = *plan.grid;
  } else if (plan.one_thread_per_element) {
    SpreadElements(kernel, plan, elements, bare);
  }
  if ((plan.grid && plan.block) || plan.one_thread_per_element) return SetAttributes(plan, bare);
  throw Error("ValueError", kernel.shown() + ": no " + (plan.grid ? "block" : "grid") +
                                " is given; pass kiln.jit.launch(grid, block) as the last "
                                "argument, or compile with the option launch");
}

void CheckShape(const Kernel& kernel, const BareLaunch& bare) {
  if (bare.is_empty) return;
  const LaunchFault fault = FindFault(bare.shape, *bare.on_device, bare.device->limits());
  if (fault != LaunchFault::kNone) {
    throw Error("ValueError",
                kernel.shown() + ": " + Describe(fault, bare.shape, *bare.on_device, *bare.device));
  }
  const Status status = bare.on_device->AllowDynamicShared(bare.shape.shared_bytes);
  if (status == kSuccess) return;
  throw Error("RuntimeError", DriverName(status) + " while allowing " + kernel.shown() + " " +
                                  std::to_string(bare.shape.shared_bytes) +
                                  " bytes of dynamic shared memory on " +
                                  bare.device->description());
}

// Takes the device back that `bare` entered, unless the launch begins.
class Entered {
 public:
  Entered(const Kernel& kernel, BareLaunch* bare) : bare_(bare) {
    const Status status = CudaPlatform().Enter(*bare->device, &bare->visit);
    if (status == kSuccess) return;
    throw Error("RuntimeError", kernel.shown() + ": " + DriverName(status) + " while entering " +
                                    bare->device->description());
  }
  ~Entered() {
    if (bare_ != nullptr) CudaPlatform().Leave(bare_->visit);
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  void Stay() { bare_ = nullptr; }

 private:
  BareLaunch* bare_;
};

void Begin(Kernel* kernel, const TVMFFIAny* argument, const char* text, int64_t elements,
           int device_id) {
  CallingThread& thread = ThisThread();
  BareLaunch& bare = thread.bare;
  bare.kernel = nullptr;
  bare.is_empty = false;
  bare.status = kSuccess;
  const LaunchObj* const launch = LaunchOf(*kernel, argument);
  const LaunchPlan plan = PlanOf(*kernel, launch, text);
  bare.device = &DeviceOf(*kernel, device_id);
  Entered entered(*kernel, &bare);
  LoadFailure failure;
  bare.on_device = kernel->On(*bare.device, &failure);
  if (bare.on_device == nullptr) throw Error("RuntimeError", failure.message);
  SetShape(*kernel, plan, elements, &bare);
  CheckShape(*kernel, bare);
  bare.shape.stream = launch != nullptr ? launch->stream : nullptr;
  if (bare.shape.stream == nullptr) {
    bare.shape.stream = TVMFFIEnvGetStream(kDLCUDA, bare.device->ordinal());
  }
  if (!thread.Push(
          {bare.shape.grid, bare.shape.block, bare.shape.shared_bytes, bare.shape.stream})) {
    throw Error("RuntimeError", kernel->shown() + ": launches nest too deep");
  }
  bare.kernel = kernel;
  entered.Stay();
}

void End(const Kernel& kernel) {
  BareLaunch& bare = ThisThread().bare;
  CudaPlatform().Leave(bare.visit);
  bare.kernel = nullptr;
  if (bare.status == kSuccess) return;
  throw Error("RuntimeError", DriverName(bare.status) + " while launching " + kernel.shown() +
                                  " with " + Describe(bare.shape) + " on " +
                                  bare.device->description() + ": " + Meaning(bare.status));
}

}  // namespace

int BeginLaunch(KernelSlot* slot, const TVMFFIAny* launch, const char* plan, int64_t elements,
                int device_id) noexcept {
  return SafeCall([&] {
    Kernel* const kernel = slot->Find();
    if (kernel == nullptr) {
      throw Error("RuntimeError",
                  "the module has no code for GPUs: none of its kernels is "
                  "registered with CUDA");
    }
    Begin(kernel, launch, plan, elements, device_id);
  });
}

int EndLaunch(KernelSlot* slot) noexcept {
  return SafeCall([&] { End(*slot->Find()); });
}

}  // namespace kiln::jit
