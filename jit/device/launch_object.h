#ifndef KILN_JIT_DEVICE_LAUNCH_OBJECT_H_
#define KILN_JIT_DEVICE_LAUNCH_OBJECT_H_

#include <cstdint>

#include "jit/device/launch_plan.h"
#include "kiln/object_type.h"
#include "kiln/shape.h"

namespace kiln::jit {

// How to launch a kernel that is called as a function: its optional last argument. What it does not
// say, the kernel's option `launch` does. Immutable once it is made.
class LaunchObj : public Object {
 public:
  KILN_OBJECT_TYPE_FINAL("kiln.jit.Launch", LaunchObj, Object);

  // Blocks, threads of a block, and blocks of a cluster: one to three extents, or none where it
  // does not say.
  Shape grid;
  Shape block;
  Shape cluster;
  int64_t smem = -1;       // bytes of dynamic shared memory; -1 where it does not say
  void* stream = nullptr;  // null: the current one of the environment
  bool cooperative = false;
};

class Launch : public ObjectRef {
 public:
  KILN_OBJECT_REF(Launch, ObjectRef, LaunchObj);
};

// Puts what `launch` says over `plan`. Allocates nothing.
void Apply(const LaunchObj& launch, LaunchPlan* plan);

// Registers the type with the runtime, and the global function that makes one:
//
//   kiln.jit.launch([option: str, value]...) -> kiln.jit.Launch
//   kiln.jit.launch(options: map) -> kiln.jit.Launch
//       `grid`, `block`, `cluster`: an int, or a Shape or array of one to three ints; `smem`: an
//       int; `stream`: an address as int or opaque pointer, or None; `cooperative`: a bool. An
//       unknown option is a KeyError, a value of another type a TypeError, one out of range a
//       ValueError.
//
// To be called once.
void RegisterLaunch();

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_LAUNCH_OBJECT_H_
