/* A library in the ABI's convention, as a compiler of kernels would write one. */
#include <tvm/ffi/extra/c_env_api.h>

#define EXPORT __attribute__((visibility("default")))

/* Set by whoever loads the library. */
EXPORT void* __tvm_ffi__library_ctx = 0;
EXPORT void* __kiln_test_context_symbol = 0;

static int* unload_counter = 0;

__attribute__((destructor)) static void OnUnload(void) {
  if (unload_counter != 0) ++*unload_counter;
}

EXPORT int __tvm_ffi_add(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  (void)self;
  if (num_args != 2 || args[0].type_index != kTVMFFIInt || args[1].type_index != kTVMFFIInt) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "add takes two integers");
    return -1;
  }
  result->type_index = kTVMFFIInt;
  result->v_int64 = args[0].v_int64 + args[1].v_int64;
  return 0;
}

/* Takes the address of an int that counts when the library is unloaded. */
EXPORT int __tvm_ffi_count_unloads(void* self, const TVMFFIAny* args, int32_t num_args,
                                   TVMFFIAny* result) {
  (void)self;
  (void)num_args;
  unload_counter = (int*)args[0].v_ptr;
  (void)result;
  return 0;
}

static int ReturnPointer(void* pointer, TVMFFIAny* result) {
  result->type_index = pointer == 0 ? kTVMFFINone : kTVMFFIOpaquePtr;
  result->v_ptr = pointer;
  return 0;
}

EXPORT int __tvm_ffi_library_context(void* self, const TVMFFIAny* args, int32_t num_args,
                                     TVMFFIAny* result) {
  (void)self, (void)args, (void)num_args;
  return ReturnPointer(__tvm_ffi__library_ctx, result);
}

EXPORT int __tvm_ffi_context_symbol(void* self, const TVMFFIAny* args, int32_t num_args,
                                    TVMFFIAny* result) {
  (void)self, (void)args, (void)num_args;
  return ReturnPointer(__kiln_test_context_symbol, result);
}

EXPORT int __tvm_ffi__doc_add(void* self, const TVMFFIAny* args, int32_t num_args,
                              TVMFFIAny* result) {
  static const TVMFFIByteArray doc = {"Adds two integers.", 18};
  (void)self, (void)args, (void)num_args;
  return TVMFFIStringFromByteArray(&doc, result);
}

EXPORT int __tvm_ffi__metadata_add(void* self, const TVMFFIAny* args, int32_t num_args,
                                   TVMFFIAny* result) {
  static const TVMFFIByteArray metadata = {"{\"type_schema\":\"\"}", 18};
  (void)self, (void)args, (void)num_args;
  return TVMFFIStringFromByteArray(&metadata, result);
}
