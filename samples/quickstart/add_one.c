// add_one(x, y): y[i] = x[i] + 1 for vectors of float32 on the CPU.
//
// A function of the ABI is a symbol `__tvm_ffi_<name>` with this signature. The same file compiles
// with Kiln at run time and with any C compiler ahead of time.
#include <tvm/ffi/c_api.h>

// The tensor that an argument holds, or NULL if it is no vector of float32.
static const DLTensor* FloatVector(const TVMFFIAny* arg) {
  const DLTensor* tensor = NULL;
  if (arg->type_index == kTVMFFIDLTensorPtr) {
    tensor = (const DLTensor*)arg->v_ptr;
  } else if (arg->type_index == kTVMFFITensor) {
    tensor = (const DLTensor*)((const char*)arg->v_obj + sizeof(TVMFFIObject));
  }
  if (tensor == NULL || tensor->ndim != 1 || tensor->device.device_type != kDLCPU ||
      tensor->dtype.code != kDLFloat || tensor->dtype.bits != 32 || tensor->dtype.lanes != 1 ||
      (tensor->strides != NULL && tensor->shape[0] > 1 && tensor->strides[0] != 1)) {
    return NULL;
  }
  return tensor;
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_add_one(void* self, const TVMFFIAny* args, int32_t num_args,
                                         TVMFFIAny* result) {
  (void)self;
  (void)result;
  if (num_args != 2) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "add_one takes two arguments: x, y");
    return -1;
  }
  const DLTensor* x = FloatVector(&args[0]);
  const DLTensor* y = FloatVector(&args[1]);
  if (x == NULL || y == NULL) {
    TVMFFIErrorSetRaisedFromCStr("TypeError",
                                 "add_one: x and y must be float32 vectors on the CPU");
    return -1;
  }
  if (x->shape[0] != y->shape[0]) {
    TVMFFIErrorSetRaisedFromCStr("ValueError", "add_one: x and y must have the same length");
    return -1;
  }
  const float* from = (const float*)((const char*)x->data + x->byte_offset);
  float* to = (float*)((char*)y->data + y->byte_offset);
  for (int64_t i = 0; i < x->shape[0]; ++i) to[i] = from[i] + 1.0f;
  return 0;
}
