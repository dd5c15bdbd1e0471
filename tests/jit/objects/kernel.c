#include <math.h>
#include <string.h>

#include <tvm/ffi/c_api.h>

static int constructed;
__attribute__((constructor)) static void Construct(void) { constructed = 40; }

int __tvm_ffi_constructed(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = constructed + n;
  return 0;
}

// Calls functions that are far away, and reads constants of its own.
int __tvm_ffi_length(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  static const char* const names[] = {"zero", "one", "three"};
  if (n != 1) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "length takes one argument");
    return -1;
  }
  result->type_index = kTVMFFIFloat;
  result->v_float64 = sin(0.5) + (double)strlen(names[args[0].v_int64]);
  return 0;
}

// Beside the functions; they are none themselves.
const char __tvm_ffi__library_note[] = "note";
int __tvm_ffi__metadata_length(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return 0;
}
__attribute__((visibility("hidden"))) int __tvm_ffi_hidden(void* self, const TVMFFIAny* args,
                                                           int32_t n, TVMFFIAny* result) {
  return 0;
}
