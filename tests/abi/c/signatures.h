// Pins the signatures of the C ABI: declares everything a second time, so that a difference does
// not compile. Every type is spelled out where it could hide one.
// NOLINTBEGIN(readability-redundant-declaration, modernize-use-using)
#ifndef KILN_TESTS_ABI_C_SIGNATURES_H_
#define KILN_TESTS_ABI_C_SIGNATURES_H_

#include <stddef.h>
#include <stdint.h>

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- Types
// ----------------------------------------------------------------------------------------

typedef void* TVMFFIObjectHandle;
typedef void* TVMFFIStreamHandle;
typedef int (*TVMFFISafeCallType)(void*, const TVMFFIAny*, int32_t, TVMFFIAny*);
typedef int (*TVMFFIFieldGetter)(void*, TVMFFIAny*);
typedef int (*TVMFFIFieldSetter)(void*, const TVMFFIAny*);
typedef int (*TVMFFIObjectCreator)(void**);
typedef int (*DLPackManagedTensorAllocator)(DLTensor*, DLManagedTensorVersioned**, void*,
                                            void (*)(void*, const char*, const char*));
typedef int (*DLPackManagedTensorFromPyObjectNoSync)(void*, DLManagedTensorVersioned**);
typedef int (*DLPackDLTensorFromPyObjectNoSync)(void*, DLTensor*);
typedef int (*DLPackCurrentWorkStream)(DLDeviceType, int32_t, void**);
typedef int (*DLPackManagedTensorToPyObjectNoSync)(DLManagedTensorVersioned*, void**);

// --- c_api.h
// --------------------------------------------------------------------------------------

void TVMFFIGetVersion(TVMFFIVersion*);

int TVMFFIObjectIncRef(void*);
int TVMFFIObjectDecRef(void*);
int TVMFFIObjectCreateOpaque(void*, int32_t, void (*)(void*), void**);
TVMFFICustomAllocator* TVMFFIGetCustomAllocator(void);
int TVMFFISetCustomAllocator(TVMFFICustomAllocator*);

int TVMFFIAnyViewToOwnedAny(const TVMFFIAny*, TVMFFIAny*);
int TVMFFIStringFromByteArray(const TVMFFIByteArray*, TVMFFIAny*);
int TVMFFIBytesFromByteArray(const TVMFFIByteArray*, TVMFFIAny*);
int TVMFFIBigIntFromByteArray(const TVMFFIByteArray*, TVMFFIAny*);
TVMFFIByteArray TVMFFIBigIntGetContentByteArray(const TVMFFIAny*);
int TVMFFIDataTypeFromString(const TVMFFIByteArray*, DLDataType*);
int TVMFFIDataTypeToString(const DLDataType*, TVMFFIAny*);

int TVMFFIFunctionCreate(void*, TVMFFISafeCallType, void (*)(void*), void**);
int TVMFFIFunctionCall(void*, TVMFFIAny*, int32_t, TVMFFIAny*);
int TVMFFIFunctionSetGlobal(const TVMFFIByteArray*, void*, int);
int TVMFFIFunctionGetGlobal(const TVMFFIByteArray*, void**);
int TVMFFIFunctionSetGlobalFromMethodInfo(const TVMFFIMethodInfo*, int);

void TVMFFIErrorMoveFromRaised(void**);
void TVMFFIErrorSetRaised(void*);
void TVMFFIErrorSetRaisedFromCStr(const char*, const char*);
void TVMFFIErrorSetRaisedFromCStrParts(const char*, const char**, int32_t);
int TVMFFIErrorCreate(const TVMFFIByteArray*, const TVMFFIByteArray*, const TVMFFIByteArray*,
                      void**);
int TVMFFIErrorCreateWithCauseAndExtraContext(const TVMFFIByteArray*, const TVMFFIByteArray*,
                                              const TVMFFIByteArray*, void*, void*, void**);
const TVMFFIByteArray* TVMFFIBacktrace(const char*, int, const char*, int);

int TVMFFITensorFromDLPack(DLManagedTensor*, int32_t, int32_t, void**);
int TVMFFITensorFromDLPackVersioned(DLManagedTensorVersioned*, int32_t, int32_t, void**);
int TVMFFITensorToDLPack(void*, DLManagedTensor**);
int TVMFFITensorToDLPackVersioned(void*, DLManagedTensorVersioned**);
int TVMFFITensorCreateUnsafeView(void*, const DLTensor*, void**);

int TVMFFITypeKeyToIndex(const TVMFFIByteArray*, int32_t*);
int32_t TVMFFITypeGetOrAllocIndex(const TVMFFIByteArray*, int32_t, int32_t, int32_t, int32_t,
                                  int32_t);
const TVMFFITypeInfo* TVMFFIGetTypeInfo(int32_t);
int TVMFFITypeRegisterField(int32_t, const TVMFFIFieldInfo*);
int TVMFFITypeRegisterMethod(int32_t, const TVMFFIMethodInfo*);
int TVMFFITypeRegisterMetadata(int32_t, const TVMFFITypeMetadata*);
int TVMFFITypeRegisterAttr(int32_t, const TVMFFIByteArray*, const TVMFFIAny*);
const TVMFFITypeAttrColumn* TVMFFIGetTypeAttrColumn(const TVMFFIByteArray*);

int TVMFFIHandleInitOnce(void**, int (*)(void**));
int TVMFFIHandleDeinitOnce(void**, int (*)(void*));

// --- extra/c_env_api.h
// ----------------------------------------------------------------------------

int TVMFFIEnvSetStream(int32_t, int32_t, void*, void**);
void* TVMFFIEnvGetStream(int32_t, int32_t);
int TVMFFIEnvSetDLPackManagedTensorAllocator(DLPackManagedTensorAllocator, int,
                                             DLPackManagedTensorAllocator*);
DLPackManagedTensorAllocator TVMFFIEnvGetDLPackManagedTensorAllocator(void);
int TVMFFIEnvTensorAlloc(DLTensor*, void**);
int TVMFFIEnvCheckSignals(void);
int TVMFFIEnvRegisterCAPI(const char*, void*);
int TVMFFIEnvModLookupFromImports(void*, const char*, void**);
int TVMFFIEnvModRegisterContextSymbol(const char*, void*);
int TVMFFIEnvModRegisterSystemLibSymbol(const char*, void*);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // KILN_TESTS_ABI_C_SIGNATURES_H_
// NOLINTEND(readability-redundant-declaration, modernize-use-using)
