#ifndef KILN_TESTS_JIT_DEVICE_STANDIN_TEST_H_
#define KILN_TESTS_JIT_DEVICE_STANDIN_TEST_H_

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/device/cubin_writer.h"
#include "tests/jit/device/module.h"
#include "tests/jit/device/standin/standin.h"

namespace kiln::jit {

// Before anything asks for the driver: two devices, of sm_80 and sm_90.
inline const int kStandInIsChosen = setenv("KILN_CUDA_DRIVER", KILN_STANDIN_DRIVER, 1);

// Tests on the stand-in driver. Each begins with an empty record, no error and device 0.
class StandIn : public testing::Test {
 protected:
  static constexpr void* kDefaultStream = nullptr;

  StandIn() {
    kiln_standin_reset();
    runtime::cudaSetDevice(0);
    runtime::cudaGetLastError();
    kiln_standin_reset();
  }

  // saxpy(float a, const float* x, float* y, long n), a kernel with launch bounds and static shared
  // memory, and one without parameters, for both devices.
  static std::vector<DeviceImage> Images() {
    return {{DeviceImage::Form::kCubin, 80, "", Cubin(80)},
            {DeviceImage::Form::kCubin, 90, "", Cubin(90)}};
  }
  static std::string Cubin(int architecture) {
    return WriteCubin(
        architecture,
        {{"saxpy", {4, 8, 8, 8}, 0, 0}, {"bounded", {8}, 128, 1024}, {"bare", {}, 0, 0}},
        {{"table", 32}, {"counter", 4}});
  }
  static std::vector<std::string> Kernels() { return {"saxpy", "bounded", "bare"}; }

  // The record's lines that begin with that function.
  static std::vector<std::string> Calls(const std::string& function) {
    std::vector<std::string> calls;
    const std::string log = kiln_standin_log();
    for (size_t at = 0; at < log.size();) {
      const size_t end = log.find('\n', at);
      const std::string line = log.substr(at, end - at);
      if (line == function || line.starts_with(function + " ")) calls.push_back(line);
      at = end + 1;
    }
    return calls;
  }
};

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_DEVICE_STANDIN_TEST_H_
