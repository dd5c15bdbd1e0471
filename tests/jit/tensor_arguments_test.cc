// What a plain function asks of the tensors that it reads and writes.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/error_of.h"

namespace kiln::testing {
namespace {

constexpr const char* kTakers = R"(
int typed(const float* x) { return x != 0; }
int written(float* x) { return x != 0; }
int of_any(void* x) { return x != 0; }
)";
constexpr const char* kTakersInIr = R"(
define i32 @of_any(ptr %x) {
  %is_some = icmp ne ptr %x, null
  %result = zext i1 %is_some to i32
  ret i32 %result
}
)";

Module Takers(int opt_level) {
  return jit::Compile(kTakers, {.name = "t.c", .opt_level = opt_level, .exports = {"all"}});
}

// The takers of C and of IR, by a compiler that optimises and by one that does not.
std::vector<Function> AllTakers() {
  std::vector<Function> takers;
  for (const int opt_level : {0, 2}) {
    const Module of_c = Takers(opt_level);
    for (const char* name : {"typed", "written", "of_any"}) {
      takers.push_back(of_c.GetFunction(name));
    }
    const Module of_ir =
        jit::Compile(kTakersInIr, {.name = "t.ll", .opt_level = opt_level, .exports = {"of_any"}});
    takers.push_back(of_ir.GetFunction("of_any"));
  }
  return takers;
}

struct View {
  alignas(64) float values[4] = {};
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  DLTensor tensor{};

  View(std::vector<int64_t> extents, std::vector<int64_t> steps)
      : shape(std::move(extents)), strides(std::move(steps)) {
    tensor.data = values;
    tensor.device = kCpu;
    tensor.ndim = static_cast<int32_t>(shape.size());
    tensor.dtype = DataTypeOf<float>();
    tensor.shape = shape.data();
    tensor.strides = strides.empty() ? nullptr : strides.data();
  }
  View(const View&) = delete;
};

bool LiesRowByRow(const View& view) {
  for (const int64_t extent : view.shape) {
    if (extent == 0) return true;
  }
  int64_t expected = 1;
  for (size_t i = view.shape.size(); i-- > 0;) {
    if (view.shape[i] != 1 && view.strides[i] != expected) return false;
    expected *= view.shape[i];
  }
  return true;
}

// Every list of `size` of these numbers.
std::vector<std::vector<int64_t>> ListsOf(const std::vector<int64_t>& numbers, size_t size) {
  std::vector<std::vector<int64_t>> lists = {{}};
  for (size_t i = 0; i < size; ++i) {
    std::vector<std::vector<int64_t>> longer;
    for (const auto& list : lists) {
      for (const int64_t number : numbers) {
        longer.push_back(list);
        longer.back().push_back(number);
      }
    }
    lists = std::move(longer);
  }
  return lists;
}

TEST(TensorArguments, ATensorIsTakenIfItLiesRowByRowAndElseNot) {
  const std::vector<Function> takers = AllTakers();
  for (size_t ndim = 1; ndim <= 3; ++ndim) {
    for (const auto& shape : ListsOf({0, 1, 2, 3}, ndim)) {
      for (const auto& strides : ListsOf({-1, 0, 1, 2, 6}, ndim)) {
        View view(shape, strides);
        const bool expected = LiesRowByRow(view);
        for (const Function& taker : takers) {
          ASSERT_EQ(ErrorOf([&] { taker(&view.tensor); }) == "no error", expected)
              << ::testing::PrintToString(shape) << ::testing::PrintToString(strides);
        }
      }
    }
  }
}

TEST(TensorArguments, WithoutStridesRowsFollowEachOther) {
  for (const Function& taker : AllTakers()) {
    for (size_t ndim = 0; ndim <= 4; ++ndim) {
      View view(std::vector<int64_t>(ndim, 2), {});
      EXPECT_EQ(taker(&view.tensor).cast<int>(), 1) << ndim;
    }
  }
}

TEST(TensorArguments, TensorsOfManyDimensionsAreTakenToo) {
  View view({2, 1, 3, 1, 2}, {6, 77, 2, 78, 1});
  View with_gap({2, 1, 3, 1, 2}, {8, 77, 2, 78, 1});
  View empty({0, 1, 3, 1, 2}, {8, 77, 2, 78, 5});
  for (const Function& taker : AllTakers()) {
    EXPECT_EQ(taker(&view.tensor).cast<int>(), 1);
    EXPECT_EQ(taker(&empty.tensor).cast<int>(), 1);
    EXPECT_NE(ErrorOf([&] { taker(&with_gap.tensor); }).find("with strides [8, 77, 2, 78, 1]"),
              std::string::npos);
  }
}

TEST(TensorArguments, AGapIsToldWithShapeAndStrides) {
  const Module module = Takers(2);
  View vector({3}, {2});
  View matrix({2, 3}, {4, 1});
  View columns({2, 3}, {1, 2});
  const std::string expected =
      "ValueError: typed: argument 0 (x): expected a tensor whose rows follow each other without "
      "gaps, got one of shape ";
  const Function typed = module.GetFunction("typed");
  EXPECT_EQ(ErrorOf([&] { typed(&vector.tensor); }), expected + "[3] with strides [2]");
  EXPECT_EQ(ErrorOf([&] { typed(&matrix.tensor); }), expected + "[2, 3] with strides [4, 1]");
  EXPECT_EQ(ErrorOf([&] { typed(&columns.tensor); }), expected + "[2, 3] with strides [1, 2]");
}

TEST(TensorArguments, ANullDLTensorIsNoTensor) {
  TVMFFIAny none{};
  none.type_index = kTVMFFIDLTensorPtr;
  const AnyView view = AnyView::FromRaw(none);
  for (const int opt_level : {0, 2}) {
    const Module module = Takers(opt_level);
    EXPECT_EQ(ErrorOf([&] { module.GetFunction("typed").CallPacked(&view, 1); }),
              "TypeError: typed: argument 0 (x): expected float32 tensor, got a null DLTensor*");
    EXPECT_EQ(ErrorOf([&] { module.GetFunction("of_any").CallPacked(&view, 1); }),
              "TypeError: of_any: argument 0 (x): expected tensor, pointer or None, got a null "
              "DLTensor*");
  }
}

// A read-only tensor with the fields of `view`.
struct ReadOnly {
  DLManagedTensorVersioned managed{};
  Tensor tensor;

  explicit ReadOnly(const View& view) {
    managed.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
    managed.dl_tensor = view.tensor;
    tensor = Tensor::FromDLPack(&managed);
  }
};

TEST(TensorArguments, OfManyFaultsTheFirstIsTold) {
  for (const int opt_level : {0, 2}) {
    const Function written = Takers(opt_level).GetFunction("written");
    const auto error = [&](const View& view) {
      const ReadOnly read_only(view);
      return ErrorOf([&] { written(read_only.tensor); });
    };
    View view({2, 3}, {4, 1});
    view.tensor.dtype = DataTypeOf<int32_t>();
    view.tensor.device = {kDLCUDA, 0};
    view.tensor.byte_offset = 2;
    EXPECT_NE(error(view).find("expected float32 tensor, got int32"), std::string::npos);
    view.tensor.dtype = DataTypeOf<float>();
    EXPECT_NE(error(view).find("got one on cuda:0"), std::string::npos);
    view.tensor.device = kCpu;
    EXPECT_NE(error(view).find("without gaps"), std::string::npos);
    view.strides[0] = 3;
    EXPECT_NE(error(view).find("aligned to its element size"), std::string::npos);
    view.tensor.byte_offset = 4;
    EXPECT_EQ(error(view),
              "ValueError: written: argument 0 (x): expected a tensor that may be written, got a "
              "read-only one");
  }
}

TEST(TensorArguments, ReadOnlyTensorsOfEveryRankAreNotWritten) {
  for (const int opt_level : {0, 2}) {
    const Module module = Takers(opt_level);
    for (size_t ndim = 0; ndim <= 3; ++ndim) {
      const View view(std::vector<int64_t>(ndim, 1), {});
      const ReadOnly read_only(view);
      EXPECT_EQ(module.GetFunction("typed")(read_only.tensor).cast<int>(), 1);
      for (const char* name : {"written", "of_any"}) {
        EXPECT_NE(ErrorOf([&] {
                    module.GetFunction(name)(read_only.tensor);
                  }).find("got a read-only one"),
                  std::string::npos)
            << name << " " << ndim;
      }
    }
  }
}

// A library may be loaded by a runtime that doesn't tell which tensors are read-only.
TEST(TensorArguments, ATensorThatIsNeverDeletedMayBeWritten) {
  const std::string path =
      ::testing::TempDir() + "kiln_tensor_arguments_" + std::to_string(::getpid()) + ".so";
  const Module compiled = Takers(2);
  compiled.get()->WriteToFile(path, "so");
  const Module library = Module::LoadFromFile(path);
  std::filesystem::remove(path);
  const Tensor tensor = Tensor::Empty({2}, DataTypeOf<float>());
  auto* header = static_cast<TVMFFIObject*>(tensor.handle());
  const auto deleter = header->deleter;
  header->deleter = nullptr;
  for (const Module& module : {compiled, library}) {
    for (const char* name : {"written", "of_any"}) {
      EXPECT_EQ(ErrorOf([&] { module.GetFunction(name)(tensor); }), "no error") << name;
    }
  }
  header->deleter = deleter;
}

}  // namespace
}  // namespace kiln::testing
