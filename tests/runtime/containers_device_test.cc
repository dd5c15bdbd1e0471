#include <cstdint>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

namespace kiln {
namespace {

// A tensor that is said to be there; nothing reads its elements.
Tensor On(DLDevice device) {
  static int64_t extent = 1;
  static float element = 0;
  static DLManagedTensor managed{};
  managed.dl_tensor = {&element, device, 1, DataTypeOf<float>(), &extent, nullptr, 0};
  TVMFFIObjectHandle handle = nullptr;
  CheckCall(TVMFFITensorFromDLPack(&managed, 0, 0, &handle));
  return Tensor(ObjectPtr<TensorObj>::AdoptHandle(handle));
}

constexpr DLDevice kGpu3{kDLCUDA, 3};
constexpr DLDevice kGpu4{kDLCUDA, 4};

DLDevice FirstDevice(const Any& value) {
  return GlobalFunction::Get("ffi.ContainerFindFirstNonCPUDevice")(value).cast<DLDevice>();
}

TEST(ContainerFindFirstNonCPUDevice, SearchesEveryKindOfContainer) {
  const Any gpu(On(kGpu3));
  const Any cpu(On({kDLCPU, 0}));
  for (const Any& holder :
       {gpu, Any(Array<Any>{Any(1), cpu, gpu}), Any(List<Any>{Any("text"), gpu}),
        Any(Map<Any, Any>{{Any(1), cpu}, {Any(2), gpu}}), Any(Dict<Any, Any>{{Any(1), gpu}}),
        Any(Array<Any>{Any(List<Any>{Any(Map<Any, Any>{{Any("x"), gpu}})})})}) {
    EXPECT_EQ(FirstDevice(holder).device_type, kDLCUDA);
    EXPECT_EQ(FirstDevice(holder).device_id, 3);
  }
}

TEST(ContainerFindFirstNonCPUDevice, TakesTheFirstDepthFirst) {
  const Any nested(Array<Any>{Any(Array<Any>{Any(1), Any(On(kGpu3))}), Any(On(kGpu4))});
  EXPECT_EQ(FirstDevice(nested).device_id, 3);
}

TEST(ContainerFindFirstNonCPUDevice, IsTheCpuWhereThereIsNoOther) {
  for (const Any& value : {Any(), Any(1), Any("text"), Any(On({kDLCPU, 0})), Any(Array<Any>()),
                           Any(Map<Any, Any>{{Any(On(kGpu3)), Any(1)}})}) {
    EXPECT_EQ(FirstDevice(value).device_type, kDLCPU);
    EXPECT_EQ(FirstDevice(value).device_id, 0);
  }
}

TEST(ContainerFindFirstNonCPUDevice, EndsInAListThatHoldsItself) {
  List<Any> circle;
  circle.push_back(Any(circle));
  circle.push_back(Any(On(kGpu4)));
  EXPECT_EQ(FirstDevice(Any(circle)).device_id, 4);
  circle.clear();
}

TEST(ContainerFindFirstNonCPUDevice, NeedsNoDeepStack) {
  Array<Any> nested{Any(On(kGpu4))};
  for (int i = 0; i < 300000; ++i) nested = Array<Any>{Any(nested)};
  EXPECT_EQ(FirstDevice(Any(nested)).device_id, 4);
}

}  // namespace
}  // namespace kiln
