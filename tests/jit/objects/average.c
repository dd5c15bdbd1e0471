#include <tvm/ffi/c_api.h>

int sum(const int* values, int count);

int average(const int* values, int count) { return sum(values, count) / count; }

int __tvm_ffi_average(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  const int values[] = {(int)args[0].v_int64, (int)args[1].v_int64};
  result->type_index = kTVMFFIInt;
  result->v_int64 = average(values, 2);
  return 0;
}
