// A kernel library compiled against the reference's C++ headers, as the libraries are that have to
// load and run here. It reads what the tests make with Kiln's headers, and makes what they read.
#include <string>
#include <utility>

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>

namespace {

namespace ffi = tvm::ffi;

ffi::Any Echo(ffi::Any value) { return value; }

// Text and bytes.
ffi::String Repeat(const ffi::String& text, int64_t times) {
  std::string result;
  for (int64_t i = 0; i < times; ++i) result.append(text.data(), text.size());
  return ffi::String(std::move(result));
}
int64_t SizeOfBytes(const ffi::Bytes& bytes) { return static_cast<int64_t>(bytes.size()); }

// Arrays.
int64_t Sum(const ffi::Array<int64_t>& array) {
  int64_t sum = 0;
  for (const int64_t value : array) sum += value;
  return sum;
}
ffi::Array<ffi::Any> MixedArray() { return {1, ffi::String("a second, longer element"), 0.5}; }
// Changes in place the array that `make` returns, of which there is no other reference.
ffi::Array<int64_t> ChangeArrayOf(const ffi::Function& make) {
  auto array = make().cast<ffi::Array<int64_t>>();
  array.Set(0, 100);
  array.push_back(101);
  return array;
}

// Tensors.
double SumTensor(ffi::TensorView tensor) {
  double sum = 0;
  const auto* data = static_cast<const float*>(tensor.data_ptr());
  for (int64_t i = 0; i < tensor.numel(); ++i) sum += data[i];
  return sum;
}
bool IsTheSameTensor(const ffi::Tensor& a, const ffi::Tensor& b) {
  return a.same_as(b) && a.IsContiguous() && a.IsAligned(64);
}
struct Malloc {
  void AllocData(DLTensor* tensor) { tensor->data = std::malloc(ffi::GetDataSize(*tensor)); }
  void FreeData(DLTensor* tensor) { std::free(tensor->data); }
};
ffi::Tensor Iota(int64_t n) {
  ffi::Tensor tensor = ffi::Tensor::FromNDAlloc(Malloc(), ffi::ShapeView(&n, 1),
                                                DLDataType{kDLFloat, 32, 1}, DLDevice{kDLCPU, 0});
  for (int64_t i = 0; i < n; ++i) static_cast<float*>(tensor.data_ptr())[i] = static_cast<float>(i);
  return tensor;
}

// Errors, both ways.
void Fail(const ffi::String& message) {
  throw ffi::Error("IndexError", message, "", ffi::Error("KeyError", "the cause", ""),
                   ffi::Array<int64_t>{5});
}
ffi::String Catch(const ffi::Function& function) {
  try {
    function();
  } catch (const ffi::Error& error) {
    std::string text = error.kind() + "/" + error.message();
    if (const auto cause = error.cause_chain()) text += "/" + cause->kind();
    return text;
  }
  return "nothing thrown";
}

// Functions.
ffi::Function Compose(ffi::Function outer, ffi::Function inner) {
  return ffi::Function::FromTyped(
      [outer = std::move(outer), inner = std::move(inner)](ffi::Any x) { return outer(inner(x)); });
}

// Modules, through the virtual table.
ffi::String ModuleKind(const ffi::Module& module) { return module->kind(); }
int ModulePropertyMask(const ffi::Module& module) { return module->GetPropertyMask(); }
ffi::Any ModuleCall(const ffi::Module& module, const ffi::String& name, const ffi::Any& argument) {
  const ffi::Optional<ffi::Function> function = module->GetFunction(name);
  return function.has_value() ? (*function)(argument) : ffi::Any("no such function");
}
bool ModuleImplements(const ffi::Module& module, const ffi::String& name) {
  return module->ImplementsFunction(name);
}
ffi::String ModuleDoc(const ffi::Module& module, const ffi::String& name) {
  return module->GetFunctionDoc(name).value_or("no documentation");
}
ffi::String ModuleMetadata(const ffi::Module& module, const ffi::String& name) {
  return module->GetFunctionMetadata(name).value_or("no metadata");
}
ffi::Array<ffi::String> ModuleWriteFormats(const ffi::Module& module) {
  return module->GetWriteFormats();
}
ffi::Bytes ModuleBytes(const ffi::Module& module) { return module->SaveToBytes(); }
ffi::String ModuleSource(const ffi::Module& module, const ffi::String& format) {
  return module->InspectSource(format);
}
void ModuleWrite(const ffi::Module& module, const ffi::String& file, const ffi::String& format) {
  module->WriteToFile(file, format);
}
int64_t ModuleImportTwice(const ffi::Module& module, const ffi::Module& other) {
  module->ImportModule(other);
  module->ImportModule(other);
  const auto count = static_cast<int64_t>(module->imports().size());
  module->ClearImports();
  return 10 * count + static_cast<int64_t>(module->imports().size());
}

}  // namespace

TVM_FFI_DLL_EXPORT_TYPED_FUNC(echo, Echo);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(repeat, Repeat);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(size_of_bytes, SizeOfBytes);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(sum, Sum);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(mixed_array, MixedArray);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(change_array_of, ChangeArrayOf);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(sum_tensor, SumTensor);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(is_the_same_tensor, IsTheSameTensor);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(iota, Iota);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(fail, Fail);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(catch_error, Catch);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(compose, Compose);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_kind, ModuleKind);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_property_mask, ModulePropertyMask);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_call, ModuleCall);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_implements, ModuleImplements);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_doc, ModuleDoc);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_metadata, ModuleMetadata);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_write_formats, ModuleWriteFormats);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_bytes, ModuleBytes);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_source, ModuleSource);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_write, ModuleWrite);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(module_import_twice, ModuleImportTwice);
