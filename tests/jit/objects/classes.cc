#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include <tvm/ffi/c_api.h>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual int64_t Area() const = 0;
};
struct Square final : Shape {
  explicit Square(int64_t side) : side(side) {
    if (side < 0) throw std::out_of_range("side " + std::to_string(side));
  }
  int64_t Area() const override { return side * side; }
  int64_t side;
};

const std::map<std::string, int64_t> kSides = {{"small", 2}, {"large", 20}};

template <typename T>
struct Counter {
  inline static T calls = 0;
};

std::unique_ptr<Shape> Make(int64_t side) { return std::make_unique<Square>(side); }

}  // namespace

extern "C" int __tvm_ffi_area(void*, const TVMFFIAny* args, int32_t, TVMFFIAny* result) {
  try {
    ++Counter<int64_t>::calls;
    result->v_int64 = Make(args[0].v_int64)->Area() + kSides.at("small");
    result->type_index = kTVMFFIInt;
    return 0;
  } catch (const std::logic_error& error) {
    TVMFFIErrorSetRaisedFromCStr("ValueError", error.what());
    return -1;
  }
}

extern "C" int __tvm_ffi_calls(void*, const TVMFFIAny*, int32_t, TVMFFIAny* result) {
  result->v_int64 = Counter<int64_t>::calls;
  result->type_index = kTVMFFIInt;
  return 0;
}
