// z[0] = x[0] + y[0], as a plain function that Kiln makes a Function of, and packed by hand; and a
// packed function that does nothing.
#include <tvm/ffi/c_api.h>

TVM_FFI_DLL_EXPORT void add(const float* x, const float* y, float* z) { z[0] = x[0] + y[0]; }

static const DLTensor* TensorOf(const TVMFFIAny* arg) {
  if (arg->type_index == kTVMFFIDLTensorPtr) return (const DLTensor*)arg->v_ptr;
  if (arg->type_index != kTVMFFITensor) return NULL;
  return (const DLTensor*)((const char*)arg->v_obj + sizeof(TVMFFIObject));
}

// The elements of a compact float32 vector on the CPU, or NULL.
static float* ElementsOf(const TVMFFIAny* arg) {
  const DLTensor* tensor = TensorOf(arg);
  if (tensor == NULL || tensor->ndim != 1 || tensor->dtype.code != kDLFloat ||
      tensor->dtype.bits != 32 || tensor->dtype.lanes != 1 ||
      tensor->device.device_type != kDLCPU ||
      (tensor->strides != NULL && tensor->shape[0] > 1 && tensor->strides[0] != 1)) {
    return NULL;
  }
  return (float*)((char*)tensor->data + tensor->byte_offset);
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_add_by_hand(void* self, const TVMFFIAny* args, int32_t num_args,
                                             TVMFFIAny* result) {
  (void)self;
  (void)result;
  const float* x = num_args == 3 ? ElementsOf(&args[0]) : NULL;
  const float* y = num_args == 3 ? ElementsOf(&args[1]) : NULL;
  float* z = num_args == 3 ? ElementsOf(&args[2]) : NULL;
  if (x == NULL || y == NULL || z == NULL) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "add_by_hand takes three float32 vectors: x, y, z");
    return -1;
  }
  add(x, y, z);
  return 0;
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_nothing(void* self, const TVMFFIAny* args, int32_t num_args,
                                         TVMFFIAny* result) {
  (void)self;
  (void)args;
  (void)num_args;
  (void)result;
  return 0;
}
