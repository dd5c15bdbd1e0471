#ifndef KILN_JIT_DEVICE_STATUS_H_
#define KILN_JIT_DEVICE_STATUS_H_

#include <string>

namespace kiln::jit {

// How a call of the CUDA runtime API ended: a cudaError_t. What the driver API returns has the same
// number there, so its CUresults are Statuses as they are; any number may come from a driver. Here
// are those that this code speaks of.
enum Status : int {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kDriverNotInitialized = 3,
  kInvalidConfiguration = 9,
  kInvalidSymbol = 13,
  kInvalidCopyDirection = 21,
  kInsufficientDriver = 35,
  kMissingConfiguration = 52,
  kInvalidDeviceFunction = 98,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kNoImageForDevice = 209,
  kInvalidHandle = 400,
  kNotFound = 500,
  kNotReady = 600,
  kLaunchOutOfResources = 701,
  kPeerAccessAlreadyEnabled = 704,
  kNotSupported = 801,
};

// The runtime API's name of a status, "cudaErrorInvalidValue", and what it means in a few words;
// "unrecognized error code" for both where there is none. They live as long as the process.
const char* RuntimeName(Status status);
const char* Meaning(Status status);

// The name that the driver API gives it, "CUDA_ERROR_INVALID_VALUE"; where it has none, the runtime
// API's, and "CUDA error 12345" for a number that neither knows.
std::string DriverName(Status status);

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_STATUS_H_
