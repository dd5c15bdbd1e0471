#ifndef KILN_JIT_DEVICE_BARE_LAUNCH_H_
#define KILN_JIT_DEVICE_BARE_LAUNCH_H_

#include <cstdint>

#include <tvm/ffi/c_api.h>

#include "jit/device/registered_code.h"

namespace kiln::jit {

// What the wrapper of a kernel that is called as a function does around its stub:
//
//   if (kiln_begin_launch(&slot, launch, plan, elements, device_id) != 0) return -1;
//   stub(arguments...);
//   return kiln_end_launch(&slot);
//
// Begin decides on the launch, makes the device the thread's and keeps what it was before; the stub
// launches; End gives the device back and tells how the launch went. Both return 0, or -1 with an
// ABI error raised. Where Begin fails there is nothing to end.
//
// `launch` is the call's kiln.jit.Launch, or null; `plan` the text of the option `launch`
// (launch_plan.h), or null; `elements` are those of the first tensor, 0 launches nothing under
// "1d"; `device_id` is the CUDA device of the tensors, or -1 where there are none: the thread's
// current one. The stream that no launch names is TVMFFIEnvGetStream's of that device.
//
// ValueError where the shape can't be launched or none is given, TypeError where `launch` is no
// kiln.jit.Launch, RuntimeError for all that has to do with driver, device or code. Dynamic shared
// memory above 48 KB is asked for. Once a kernel has been launched on a device, they take no lock
// and allocate nothing.
int BeginLaunch(KernelSlot* slot, const TVMFFIAny* launch, const char* plan, int64_t elements,
                int device_id) noexcept;
int EndLaunch(KernelSlot* slot) noexcept;

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_BARE_LAUNCH_H_
