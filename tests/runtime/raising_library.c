/* A library whose functions raise errors and call back. What they tell of themselves is the line on
   which they do it. Built with debug information, and without. */
#include <tvm/ffi/c_api.h>

#define EXPORT __attribute__((visibility("default")))
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define RAISE_LINE() TVMFFIErrorSetRaisedFromCStr("LineError", TEXT(__LINE__))

static __attribute__((noinline)) int RaiseInStatic(int code) {
  RAISE_LINE();
  return code - 1;
}

static inline __attribute__((always_inline)) int RaiseInlined(int code) {
  RAISE_LINE();
  return code - 1;
}

EXPORT int __tvm_ffi_raise(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  (void)self, (void)args, (void)result;
  RAISE_LINE();
  return num_args - 1;
}

EXPORT int __tvm_ffi_raise_in_static(void* self, const TVMFFIAny* args, int32_t num_args,
                                     TVMFFIAny* result) {
  (void)self, (void)args, (void)result;
  return RaiseInStatic(num_args) - num_args;
}

EXPORT int __tvm_ffi_raise_inlined(void* self, const TVMFFIAny* args, int32_t num_args,
                                   TVMFFIAny* result) {
  (void)self, (void)args, (void)result;
  return RaiseInlined(num_args);
}

/* Calls its argument with the line of the call. */
EXPORT int __tvm_ffi_call(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  (void)self, (void)num_args;
  TVMFFIAny line = {.type_index = kTVMFFIInt};
  line.v_int64 = __LINE__ + 1;
  const int code = TVMFFIFunctionCall(args[0].v_obj, &line, 1, result);
  return code == 0 ? 0 : -1;
}
