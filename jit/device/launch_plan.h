#ifndef KILN_JIT_DEVICE_LAUNCH_PLAN_H_
#define KILN_JIT_DEVICE_LAUNCH_PLAN_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "jit/device/device.h"

namespace kiln::jit {

// How a kernel that is called as a function is to be launched: what its option `launch` says, or
// what a kiln.jit.Launch of the call says in its place. What is not said is empty.
struct LaunchPlan {
  bool one_thread_per_element = false;  // blocks by occupancy, unless `block` says them
  std::optional<Dim3> grid;
  std::optional<Dim3> block;
  std::optional<Dim3> cluster;
  std::optional<size_t> shared_bytes;
  bool cooperative = false;
};

// Reads the option's text: words between spaces, of
//   1d               one thread for each element of the first tensor
//   grid=64,1,1      one to three extents, those that are left out are 1
//   block=256
//   cluster=2
//   smem=1024        bytes of dynamic shared memory
//   cooperative=1    or 0
// Empty where the text is none of that. Allocates nothing.
std::optional<LaunchPlan> ParseLaunchPlan(std::string_view text);

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_LAUNCH_PLAN_H_
