// A small kernel library over the reference's headers; headers_kiln.cc is the same over Kiln's.
#include <tvm/ffi/tvm_ffi.h>

namespace {

namespace ffi = tvm::ffi;

void Scale(ffi::TensorView x, double factor) {
  if (x.ndim() != 1 || x.dtype() != DLDataType{kDLFloat, 32, 1}) {
    TVM_FFI_THROW(TypeError) << "scale needs a vector of float32";
  }
  auto* data = static_cast<float*>(x.data_ptr());
  for (int64_t i = 0; i < x.size(0); ++i) data[i] *= static_cast<float>(factor);
}

ffi::Array<ffi::String> Names(int64_t count) {
  ffi::Array<ffi::String> names;
  for (int64_t i = 0; i < count; ++i) names.push_back("name");
  return names;
}

}  // namespace

TVM_FFI_DLL_EXPORT_TYPED_FUNC(scale, Scale);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(names, Names);
