// One object of each kind, made and read with the reference's C++ headers.
#include <cstdlib>
#include <string>
#include <utility>

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>

namespace {

namespace ffi = tvm::ffi;

int Double(void*, const TVMFFIAny* args, int32_t, TVMFFIAny* result) {
  result->type_index = ffi::TypeIndex::kTVMFFIInt;
  result->v_int64 = 2 * args[0].v_int64;
  return 0;
}

// A class of modules of its own would need the C++ symbols of the reference's library.
ffi::Any MakeModule() {
  TVMFFIEnvModRegisterSystemLibSymbol("__tvm_ffi_interop_double", reinterpret_cast<void*>(&Double));
  return ffi::Function::GetGlobalRequired("ffi.SystemLib")("interop_");
}

struct Malloc {
  void AllocData(DLTensor* tensor) { tensor->data = std::malloc(ffi::GetDataSize(*tensor)); }
  void FreeData(DLTensor* tensor) { std::free(tensor->data); }
};

template <typename Table>
Table MakeTable(int64_t size) {
  Table table;
  for (int64_t i = 0; i < size; ++i) table.Set(ffi::String("key " + std::to_string(i)), i);
  return table;
}

ffi::Any Make(const ffi::String& kind) {
  if (kind == "small string") return ffi::String("1234567");
  if (kind == "string") return ffi::String("12345678");
  if (kind == "small bytes") return ffi::Bytes("\0\1", 2);
  if (kind == "bytes") return ffi::Bytes(std::string("a\0longer one", 12));
  if (kind == "error") return ffi::Error("KeyError", "made", "  File \"made.cc\"\n");
  if (kind == "function") return ffi::Function::FromTyped([](int64_t x) { return x + 1; });
  if (kind == "shape") return ffi::Shape({2, 3});
  if (kind == "array") return ffi::Array<ffi::Any>{1, ffi::String("a text that is long"), 0.5};
  if (kind == "list") return ffi::List<ffi::Any>{1, ffi::Array<int64_t>{2}, nullptr};
  if (kind == "small map") return MakeTable<ffi::Map<ffi::Any, ffi::Any>>(2);
  if (kind == "dense map") return MakeTable<ffi::Map<ffi::Any, ffi::Any>>(20);
  if (kind == "small dict") return MakeTable<ffi::Dict<ffi::Any, ffi::Any>>(2);
  if (kind == "dense dict") return MakeTable<ffi::Dict<ffi::Any, ffi::Any>>(20);
  if (kind == "module") return MakeModule();
  ffi::Tensor tensor = ffi::Tensor::FromNDAlloc(Malloc(), ffi::Shape({2, 1}),
                                                DLDataType{kDLFloat, 32, 1}, {kDLCPU, 0});
  auto* elements = static_cast<float*>(tensor.data_ptr());
  elements[0] = 1.5F;
  elements[1] = 2.5F;
  return tensor;
}

std::string Describe(const ffi::Any& value);

template <typename Sequence>
std::string DescribeSequence(const Sequence& sequence) {
  std::string text;
  for (const ffi::Any& element : sequence) text += Describe(element) + ";";
  return text;
}
template <typename Table>
std::string DescribeTable(const Table& table) {
  std::string text = std::to_string(table.size()) + ":";
  for (const auto& [key, element] : table) text += Describe(key) + "=" + Describe(element) + ";";
  return text;
}

std::string Describe(const ffi::Any& value) {
  using Map = ffi::Map<ffi::Any, ffi::Any>;
  using Dict = ffi::Dict<ffi::Any, ffi::Any>;
  switch (value.type_index()) {
    case ffi::TypeIndex::kTVMFFINone:
      return "none";
    case ffi::TypeIndex::kTVMFFIInt:
      return std::to_string(value.cast<int64_t>());
    case ffi::TypeIndex::kTVMFFIFloat:
      return std::to_string(value.cast<double>());
    case ffi::TypeIndex::kTVMFFISmallStr:
    case ffi::TypeIndex::kTVMFFIStr:
      return "'" + std::string(value.cast<ffi::String>()) + "'";
    case ffi::TypeIndex::kTVMFFISmallBytes:
    case ffi::TypeIndex::kTVMFFIBytes: {
      const auto bytes = value.cast<ffi::Bytes>();
      return "b'" + std::string(bytes.data(), bytes.size()) + "'";
    }
    case ffi::TypeIndex::kTVMFFIError: {
      const auto error = value.cast<ffi::Error>();
      return error.kind() + "/" + error.message() + "/" + error.backtrace();
    }
    case ffi::TypeIndex::kTVMFFIFunction:
      return "f(1)=" + Describe(value.cast<ffi::Function>()(1));
    case ffi::TypeIndex::kTVMFFIShape: {
      std::string text;
      for (const int64_t extent : value.cast<ffi::Shape>()) text += std::to_string(extent) + "x";
      return text;
    }
    case ffi::TypeIndex::kTVMFFITensor: {
      const auto tensor = value.cast<ffi::Tensor>();
      std::string text;
      for (const int64_t extent : tensor.shape()) text += std::to_string(extent) + "x";
      const auto* elements = static_cast<const float*>(tensor.data_ptr());
      for (int64_t i = 0; i < tensor.numel(); ++i) text += std::to_string(elements[i]) + ";";
      return text;
    }
    case ffi::TypeIndex::kTVMFFIArray:
      return "array " + DescribeSequence(value.cast<ffi::Array<ffi::Any>>());
    case ffi::TypeIndex::kTVMFFIList:
      return "list " + DescribeSequence(value.cast<ffi::List<ffi::Any>>());
    case ffi::TypeIndex::kTVMFFIMap:
      return "map " + DescribeTable(value.cast<Map>());
    case ffi::TypeIndex::kTVMFFIDict:
      return "dict " + DescribeTable(value.cast<Dict>());
    case ffi::TypeIndex::kTVMFFIModule: {
      const auto module = value.cast<ffi::Module>();
      const bool has_half = module->GetFunction("half").has_value();
      return (has_half ? "module?" : "module!") + Describe((*module->GetFunction("double"))(4));
    }
    default:
      return "kind " + std::to_string(value.type_index());
  }
}

ffi::Any Echo(ffi::Any value) { return value; }

// A dict as code of the reference finds a key in it.
ffi::Any Find(const ffi::Dict<ffi::Any, ffi::Any>& dict, const ffi::Any& key) {
  return dict.Get(key).value_or(ffi::Any(nullptr));
}

}  // namespace

TVM_FFI_DLL_EXPORT_TYPED_FUNC(make, Make);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(describe, Describe);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(echo, Echo);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(find, Find);
