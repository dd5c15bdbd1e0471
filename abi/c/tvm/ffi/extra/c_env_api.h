// What a library of kernels may ask of the program around it: the stream to launch on, memory for
// new tensors, pending signals, and functions of other modules. The rules of tvm/ffi/c_api.h hold.
// NOLINTBEGIN(modernize-use-using)
#ifndef TVM_FFI_EXTRA_C_ENV_API_H_
#define TVM_FFI_EXTRA_C_ENV_API_H_

#include <tvm/ffi/c_api.h>

#ifdef __cplusplus
extern "C" {
#endif

// -----------------------------------------------------------------------------------------------
// Streams: each thread has a current one for every device
// -----------------------------------------------------------------------------------------------

// A stream of the device's own API, such as a cudaStream_t. Never created or destroyed here.
typedef void* TVMFFIStreamHandle;

// Makes `stream` the current one of this thread for the device. *opt_out_original_stream, if given,
// becomes the one before it. Neither number may be negative.
TVM_FFI_DLL int TVMFFIEnvSetStream(int32_t device_type, int32_t device_id,
                                   TVMFFIStreamHandle stream,
                                   TVMFFIStreamHandle* opt_out_original_stream);

// The current stream of this thread for the device; NULL, the default stream, if none was set.
TVM_FFI_DLL TVMFFIStreamHandle TVMFFIEnvGetStream(int32_t device_type, int32_t device_id);

// -----------------------------------------------------------------------------------------------
// Memory for tensors: an allocator of the thread, or else that of the process
// -----------------------------------------------------------------------------------------------

// Makes `allocator` that of this thread and, if write_to_global_context is not 0, that of the
// process; NULL removes it. *opt_out_original_allocator, if given, becomes the one that this thread
// had, NULL if none.
TVM_FFI_DLL int TVMFFIEnvSetDLPackManagedTensorAllocator(
    DLPackManagedTensorAllocator allocator, int write_to_global_context,
    DLPackManagedTensorAllocator* opt_out_original_allocator);

// The allocator of this thread, else that of the process, else NULL.
TVM_FFI_DLL DLPackManagedTensorAllocator TVMFFIEnvGetDLPackManagedTensorAllocator(void);

// Makes a tensor with the dtype, shape and device of `prototype`; its content is not initialised.
// `out`: new reference. RuntimeError if there is no allocator; an allocator's own error and its
// return value are passed on.
TVM_FFI_DLL int TVMFFIEnvTensorAlloc(DLTensor* prototype, TVMFFIObjectHandle* out);

// -----------------------------------------------------------------------------------------------
// Signals
// -----------------------------------------------------------------------------------------------

// For long loops: fails if a signal, such as Ctrl-C under Python, asks to stop; the error is then
// the frontend's. Succeeds where no frontend is registered.
TVM_FFI_DLL int TVMFFIEnvCheckSignals(void);

// Registers a function of the frontend: PyErr_CheckSignals, PyGILState_Ensure or
// PyGILState_Release, else ValueError. To be called once, at the start, before other threads call
// TVMFFIEnvCheckSignals.
TVM_FFI_DLL int TVMFFIEnvRegisterCAPI(const char* name, void* symbol);

// -----------------------------------------------------------------------------------------------
// Modules
// -----------------------------------------------------------------------------------------------

// Looks a function up in what a module imports, then in the global registry. `library_ctx`: what
// the code finds in its `__tvm_ffi__library_ctx`, the module's address (not its handle, 8 bytes
// on). `out`: borrowed from the module; valid until it dies or its imports change. RuntimeError if
// there is none.
TVM_FFI_DLL int TVMFFIEnvModLookupFromImports(TVMFFIObjectHandle library_ctx, const char* func_name,
                                              TVMFFIObjectHandle* out);

// For libraries that are not linked against what they need: in each library that is loaded from now
// on, the pointer variable `name`, if it has one, is set to `symbol`. The name is copied.
TVM_FFI_DLL int TVMFFIEnvModRegisterContextSymbol(const char* name, void* symbol);

// Adds a symbol to the system library, the module made of what is linked into the program. The name
// is copied; a symbol of that name is replaced.
TVM_FFI_DLL int TVMFFIEnvModRegisterSystemLibSymbol(const char* name, void* symbol);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TVM_FFI_EXTRA_C_ENV_API_H_
// NOLINTEND(modernize-use-using)
