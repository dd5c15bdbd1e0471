// On a true GPU: values that kernels compute, checked against the CPU. On a machine without one
// these say so and do nothing. One command runs them all: ctest -R OnGpu.

#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "jit/device/bare_launch.h"
#include "kiln/any.h"
#include "tests/jit/device/module.h"

namespace kiln::jit {
namespace {

constexpr int kHostToDevice = 1;
constexpr int kDeviceToHost = 2;

// saxpy(float a, const float* x, float* y, u32 n): y += a * x + bias, with bias a constant;
// reverse(float* y, u32 n): one block turns y round through dynamic shared memory.
constexpr const char* kPtx = R"(
.version 7.8
.target sm_80
.address_size 64
.const .align 4 .f32 bias;
.extern .shared .align 4 .b8 dynamic[];
.visible .entry saxpy(.param .f32 a, .param .u64 x, .param .u64 y, .param .u32 n) {
  .reg .pred %p; .reg .f32 %f<6>; .reg .b32 %r<6>; .reg .b64 %rd<8>;
  mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %tid.x;
  mad.lo.s32 %r4, %r1, %r2, %r3;
  ld.param.u32 %r5, [n]; setp.ge.u32 %p, %r4, %r5; @%p bra done;
  ld.param.u64 %rd1, [x]; ld.param.u64 %rd2, [y];
  cvta.to.global.u64 %rd1, %rd1; cvta.to.global.u64 %rd2, %rd2;
  mul.wide.u32 %rd3, %r4, 4; add.s64 %rd4, %rd1, %rd3; add.s64 %rd5, %rd2, %rd3;
  ld.param.f32 %f1, [a]; ld.global.f32 %f2, [%rd4]; ld.global.f32 %f3, [%rd5];
  fma.rn.f32 %f4, %f1, %f2, %f3; ld.const.f32 %f5, [bias]; add.f32 %f4, %f4, %f5;
  st.global.f32 [%rd5], %f4;
done: ret;
}
.visible .entry reverse(.param .u64 y, .param .u32 n) {
  .reg .f32 %f<3>; .reg .b32 %r<8>; .reg .b64 %rd<6>;
  mov.u32 %r1, %tid.x; ld.param.u32 %r2, [n];
  ld.param.u64 %rd1, [y]; cvta.to.global.u64 %rd1, %rd1;
  mul.wide.u32 %rd2, %r1, 4; add.s64 %rd3, %rd1, %rd2;
  ld.global.f32 %f1, [%rd3];
  mov.u32 %r3, dynamic; shl.b32 %r4, %r1, 2; add.u32 %r5, %r3, %r4; st.shared.f32 [%r5], %f1;
  bar.sync 0;
  sub.u32 %r6, %r2, %r1; sub.u32 %r6, %r6, 1; shl.b32 %r6, %r6, 2; add.u32 %r7, %r3, %r6;
  ld.shared.f32 %f2, [%r7]; st.global.f32 [%rd3], %f2;
  ret;
}
)";

class KernelsOnGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (CudaPlatform().Ready() != kSuccess) {
      GTEST_SKIP() << "there is no GPU: " << CudaPlatform().absence();
    }
    module_ = std::make_unique<TestModule>(
        std::vector<DeviceImage>{{DeviceImage::Form::kPtx, 80, "", kPtx}},
        std::vector<std::string>{"saxpy", "reverse"}, std::vector<std::string>{"bias"});
    std::iota(x_.begin(), x_.end(), 0.0F);
    std::iota(y_.begin(), y_.end(), 100.0F);
    ASSERT_EQ(runtime::cudaMalloc(&on_gpu_x_, Bytes()), kSuccess);
    ASSERT_EQ(runtime::cudaMalloc(&on_gpu_y_, Bytes()), kSuccess);
    ASSERT_EQ(runtime::cudaMemcpy(on_gpu_x_, x_.data(), Bytes(), kHostToDevice), kSuccess);
    ASSERT_EQ(runtime::cudaMemcpy(on_gpu_y_, y_.data(), Bytes(), kHostToDevice), kSuccess);
  }
  void TearDown() override {
    runtime::cudaFree(on_gpu_x_);
    runtime::cudaFree(on_gpu_y_);
  }

  size_t Bytes() const { return x_.size() * sizeof(float); }
  uint32_t Count() const { return static_cast<uint32_t>(x_.size()); }
  std::vector<float> Result() const {
    std::vector<float> result(y_.size());
    EXPECT_EQ(runtime::cudaMemcpy(result.data(), on_gpu_y_, Bytes(), kDeviceToHost), kSuccess);
    return result;
  }

  std::vector<float> x_ = std::vector<float>(1000);
  std::vector<float> y_ = std::vector<float>(1000);
  void* on_gpu_x_ = nullptr;
  void* on_gpu_y_ = nullptr;
  std::unique_ptr<TestModule> module_;
};

TEST_F(KernelsOnGpu, LaunchComputesWhatTheCpuDoes) {
  const float bias = 0.5F;
  ASSERT_EQ(runtime::cudaMemcpyToSymbol(module_->variable(), &bias, 4, 0, kHostToDevice), kSuccess);
  ASSERT_EQ(
      module_->Launch(0, {8, 1, 1}, {128, 1, 1}, 0, nullptr, 2.0F, on_gpu_x_, on_gpu_y_, Count()),
      kSuccess);
  ASSERT_EQ(runtime::cudaDeviceSynchronize(), kSuccess);
  const std::vector<float> result = Result();
  for (size_t i = 0; i < result.size(); ++i) {
    ASSERT_EQ(result[i], 2.0F * x_[i] + y_[i] + bias) << i;
  }
}

TEST_F(KernelsOnGpu, KernelCalledAsAFunctionCoversEveryElement) {
  const TVMFFIAny none = AnyView().raw();
  ASSERT_EQ(BeginLaunch(module_->slot(0), &none, "1d", Count(), 0), 0);
  module_->CallStub(0, 1.0F, on_gpu_x_, on_gpu_y_, Count());
  ASSERT_EQ(EndLaunch(module_->slot(0)), 0);
  const std::vector<float> result = Result();
  for (size_t i = 0; i < result.size(); ++i) ASSERT_EQ(result[i], x_[i] + y_[i]) << i;
}

TEST_F(KernelsOnGpu, LargeDynamicSharedMemoryWorks) {
  const TVMFFIAny none = AnyView().raw();
  ASSERT_EQ(BeginLaunch(module_->slot(1), &none, "grid=1 block=1000 smem=65536", 0, 0), 0);
  module_->CallStub(1, on_gpu_y_, Count());
  ASSERT_EQ(EndLaunch(module_->slot(1)), 0);
  const std::vector<float> result = Result();
  for (size_t i = 0; i < result.size(); ++i) ASSERT_EQ(result[i], y_[999 - i]) << i;
}

TEST_F(KernelsOnGpu, StreamsAndEventsOrderWork) {
  void* stream = nullptr;
  void* event = nullptr;
  ASSERT_EQ(runtime::cudaStreamCreateWithFlags(&stream, 1), kSuccess);
  ASSERT_EQ(runtime::cudaEventCreateWithFlags(&event, 2), kSuccess);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(
        module_->Launch(0, {8, 1, 1}, {128, 1, 1}, 0, stream, 1.0F, on_gpu_x_, on_gpu_y_, Count()),
        kSuccess);
  }
  ASSERT_EQ(runtime::cudaEventRecord(event, stream), kSuccess);
  ASSERT_EQ(runtime::cudaEventSynchronize(event), kSuccess);
  EXPECT_EQ(runtime::cudaEventQuery(event), kSuccess);
  const std::vector<float> result = Result();
  for (size_t i = 0; i < result.size(); ++i) ASSERT_EQ(result[i], 10 * x_[i] + y_[i]) << i;
  runtime::cudaEventDestroy(event);
  runtime::cudaStreamDestroy(stream);
}

TEST_F(KernelsOnGpu, DriversRefusalsReachTheCaller) {
  EXPECT_EQ(module_->Launch(0, {1, 1, 1}, {1, 1, 1}, 100000, nullptr, 1.0F, on_gpu_x_, on_gpu_y_,
                            Count()),
            kInvalidValue);
  EXPECT_EQ(runtime::cudaGetLastError(), kInvalidValue);
  DeviceProperties properties;
  ASSERT_EQ(runtime::cudaGetDeviceProperties(&properties, 0), kSuccess);
  EXPECT_GE(properties.major, 8);
  EXPECT_EQ(properties.warpSize, 32);
}

}  // namespace
}  // namespace kiln::jit
