#ifndef KILN_JIT_DOCTOR_H_
#define KILN_JIT_DOCTOR_H_

#include <string>

namespace kiln::jit {

// What this engine is and what it finds on the machine, as a JSON object: versions of Kiln, the
// ABI, LLVM and Clang, the host target, the files of the runtime and the engine, NVRTC, the CUDA
// driver and its GPUs, the cache. A search says where it looked. Takes up to a second. Any thread
// may call it.
std::string DoctorReport();

}  // namespace kiln::jit

#endif  // KILN_JIT_DOCTOR_H_
