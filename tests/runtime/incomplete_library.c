/* Calls a function that no library has. */
#include <tvm/ffi/c_api.h>

int kiln_test_missing_symbol(void);

__attribute__((visibility("default"))) int __tvm_ffi_call_missing(void* self, const TVMFFIAny* args,
                                                                  int32_t num_args,
                                                                  TVMFFIAny* result) {
  (void)self, (void)args, (void)num_args, (void)result;
  return kiln_test_missing_symbol();
}
