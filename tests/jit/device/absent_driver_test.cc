// Machines without a driver, without a GPU, with an old driver. The engine looks for the driver
// once, so each of these is a process of its own.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include "jit/device/bare_launch.h"
#include "jit/device/cuda/find_driver.h"
#include "kiln/error.h"
#include "tests/jit/device/cubin_writer.h"
#include "tests/jit/device/module.h"

namespace kiln::jit {
namespace {

// What `action` returns in a child of this process that has the variables set.
std::string InChild(const std::vector<std::pair<const char*, const char*>>& environment,
                    std::string (*action)()) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    for (const auto& [name, value] : environment) setenv(name, value, 1);
    const std::string text = action();
    _exit(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char buffer[512];
  for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return text;
}

// Loads a module, uses it as if there were GPUs, and tells what came of it.
std::string UseModule() {
  TestModule module({{DeviceImage::Form::kCubin, 80, "", WriteCubin(80, {{"k", {}, 0, 0}})}},
                    {"k"});
  const auto text = [](Status status) { return std::string(RuntimeName(status)) + "\n"; };
  int count = -1;
  std::string told = text(runtime::cudaGetDeviceCount(&count));
  told += std::to_string(count) + "\n";
  void* pointer = nullptr;
  told += text(runtime::cudaMalloc(&pointer, 8));
  told += text(module.Launch(0, {1, 1, 1}, {1, 1, 1}, 0, nullptr));
  told += text(runtime::cudaGetLastError());
  told += text(runtime::cudaSetDevice(0));
  if (BeginLaunch(module.slot(), nullptr, "grid=1 block=1", 0, 0) == 0) return told + "launched";
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  return told + Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).what();
}

TEST(AbsentDriver, EveryCallSaysThatTheDriverIsMissingAndWhereItWasLookedFor) {
  EXPECT_EQ(InChild({{"KILN_CUDA_DRIVER", "/nowhere/libcuda.so.1"}}, &UseModule),
            "cudaErrorInsufficientDriver\n0\n"
            "cudaErrorInsufficientDriver\n"
            "cudaErrorInsufficientDriver\n"
            "cudaErrorInsufficientDriver\n"
            "cudaErrorInsufficientDriver\n"
            "RuntimeError: k: there is no CUDA driver: looked for /nowhere/libcuda.so.1 "
            "(/nowhere/libcuda.so.1: cannot open shared object file: No such file or directory); "
            "install NVIDIA's driver, or let KILN_CUDA_DRIVER name its file");
}

TEST(AbsentDriver, MachineWithoutGpusHasNoDevice) {
  EXPECT_EQ(InChild({{"KILN_CUDA_DRIVER", KILN_STANDIN_DRIVER}, {"KILN_STANDIN_DEVICES", ""}},
                    &UseModule),
            "cudaErrorNoDevice\n0\ncudaErrorNoDevice\ncudaErrorNoDevice\ncudaErrorNoDevice\n"
            "cudaErrorNoDevice\n"
            "RuntimeError: k: the CUDA driver " KILN_STANDIN_DRIVER
            " finds no GPU: CUDA_ERROR_NO_DEVICE, no CUDA-capable device is detected");
}

TEST(AbsentDriver, OldDriverIsNotEnough) {
  const std::string told = InChild(
      {{"KILN_CUDA_DRIVER", KILN_STANDIN_DRIVER}, {"KILN_STANDIN_VERSION", "11080"}}, &UseModule);
  EXPECT_EQ(told.substr(0, 28), "cudaErrorInsufficientDriver\n");
  EXPECT_NE(told.find("is too old: it serves CUDA 11.8, 12.0 is needed, and it lacks "
                      "cuLibraryLoadData, cuLibraryUnload"),
            std::string::npos)
      << told;
}

TEST(AbsentDriver, LookupOfCudaElevenServesTooWhereTheFunctionsAreThere) {
  EXPECT_EQ(InChild({{"KILN_CUDA_DRIVER", KILN_STANDIN_DRIVER_11}}, &UseModule),
            "cudaSuccess\n2\ncudaSuccess\ncudaSuccess\ncudaSuccess\ncudaSuccess\nlaunched");
}

TEST(AbsentDriver, SearchTellsTheDriverThatTheEnvironmentNames) {
  EXPECT_EQ(InChild({{"KILN_CUDA_DRIVER", KILN_STANDIN_DRIVER}},
                    [] {
                      const DriverSearch search = FindDriver();
                      std::string text = search.path + " " + search.version;
                      for (const GpuDescription& gpu : search.gpus) {
                        text += ", " + gpu.name + " " + gpu.compute_capability;
                      }
                      return text;
                    }),
            KILN_STANDIN_DRIVER " 13.0, Stand-in sm_80 8.0, Stand-in sm_90 9.0");
}

}  // namespace
}  // namespace kiln::jit
