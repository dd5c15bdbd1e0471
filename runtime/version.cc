#include <tvm/ffi/c_api.h>

extern "C" void TVMFFIGetVersion(TVMFFIVersion* out_version) {
  *out_version = {TVM_FFI_VERSION_MAJOR, TVM_FFI_VERSION_MINOR, TVM_FFI_VERSION_PATCH};
}
