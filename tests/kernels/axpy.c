// axpy(alpha, x, y): y[i] = alpha * x[i] + y[i] for float32 vectors.
#include <tvm/ffi/c_api.h>

static const DLTensor* TensorOf(const TVMFFIAny* arg) {
  if (arg->type_index == kTVMFFIDLTensorPtr) return (const DLTensor*)arg->v_ptr;
  if (arg->type_index != kTVMFFITensor) return NULL;
  return (const DLTensor*)((const char*)arg->v_obj + sizeof(TVMFFIObject));
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_axpy(void* self, const TVMFFIAny* args, int32_t num_args,
                                      TVMFFIAny* result) {
  (void)self;
  (void)result;
  const DLTensor* x = num_args == 3 ? TensorOf(&args[1]) : NULL;
  const DLTensor* y = num_args == 3 ? TensorOf(&args[2]) : NULL;
  if (x == NULL || y == NULL || args[0].type_index != kTVMFFIFloat) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "axpy takes a float and two tensors: alpha, x, y");
    return -1;
  }
  const float alpha = (float)args[0].v_float64;
  const float* from = (const float*)x->data;
  float* to = (float*)y->data;
  for (int64_t i = 0; i < x->shape[0]; ++i) to[i] = alpha * from[i] + to[i];
  return 0;
}
