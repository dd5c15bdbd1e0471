#ifndef KILN_TESTS_JIT_DEVICE_STANDIN_STANDIN_H_
#define KILN_TESTS_JIT_DEVICE_STANDIN_STANDIN_H_

#include <stddef.h>

// What a test may ask of the stand-in driver and tell it. The driver reads these environment
// variables when it is initialised:
//   KILN_STANDIN_DEVICES   the architectures of its devices, "80,90" where it is not set; "" for
//   none KILN_STANDIN_VERSION   the CUDA version that it serves, 13000 where it is not set; below
//   12000
//                          it lacks what CUDA 12 brought
extern "C" {
#pragma GCC visibility push(default)

// Forgets the calls and what was to fail. Recording is on afterwards. Contexts, memory and
// libraries stay.
void kiln_standin_reset();

// The calls since, one a line: the function and what matters of its arguments. Valid until the
// thread asks again.
const char* kiln_standin_log();

// Off: calls are not written down, and a launch takes no lock and allocates nothing.
void kiln_standin_record(int on);

// The next call of that function fails with `status`, and does nothing.
void kiln_standin_fail(const char* function, int status);

// How many there are: "libraries", "allocations", "streams", "events", "retained contexts",
// "launches".
size_t kiln_standin_count(const char* what);

// The bytes of the parameters of the last recorded launch, at their offsets in the parameter space.
size_t kiln_standin_parameters(const void** bytes);

// Called for each launch in the place of the kernel, on the launching thread: with its name, the
// addresses of copies of its parameters, and the number of threads in grid and block. Null:
// nothing.
using KilnStandinKernel = void (*)(const char* name, void** parameters, size_t threads);
void kiln_standin_run(KilnStandinKernel kernel);

// A context of that device beside its primary one, as a framework may make it.
void* kiln_standin_new_context(int device);
#pragma GCC visibility pop
}

#endif  // KILN_TESTS_JIT_DEVICE_STANDIN_STANDIN_H_
