// Pins the C ABI: every size, offset, enumerator, macro and signature. Compiled as C and as C++,
// against our headers and against the reference's, so that neither can drift from the other.
#ifndef KILN_TESTS_ABI_C_LAYOUT_ASSERTS_H_
#define KILN_TESTS_ABI_C_LAYOUT_ASSERTS_H_

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

// The two sets of headers must not mix.
#if defined(KILN_DLPACK_H_) == defined(KILN_TEST_REFERENCE_HEADERS)
#error "the headers found are not the ones that this target is to be compiled with"
#endif

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#define AT(type, field, bytes) static_assert(offsetof(type, field) == (bytes), #type "::" #field)
#define VALUE(name, number) static_assert((long long)(name) == (number), #name)

// --- DLPack
// ---------------------------------------------------------------------------------------

VALUE(DLPACK_MAJOR_VERSION, 1);
VALUE(DLPACK_MINOR_VERSION, 3);
VALUE(DLPACK_FLAG_BITMASK_READ_ONLY, 1);
VALUE(DLPACK_FLAG_BITMASK_IS_COPIED, 2);
VALUE(DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED, 4);

VALUE(kDLCPU, 1);
VALUE(kDLCUDA, 2);
VALUE(kDLCUDAHost, 3);
VALUE(kDLOpenCL, 4);
VALUE(kDLVulkan, 7);
VALUE(kDLMetal, 8);
VALUE(kDLVPI, 9);
VALUE(kDLROCM, 10);
VALUE(kDLROCMHost, 11);
VALUE(kDLExtDev, 12);
VALUE(kDLCUDAManaged, 13);
VALUE(kDLOneAPI, 14);
VALUE(kDLWebGPU, 15);
VALUE(kDLHexagon, 16);
VALUE(kDLMAIA, 17);
VALUE(kDLTrn, 18);

VALUE(kDLInt, 0);
VALUE(kDLUInt, 1);
VALUE(kDLFloat, 2);
VALUE(kDLOpaqueHandle, 3);
VALUE(kDLBfloat, 4);
VALUE(kDLComplex, 5);
VALUE(kDLBool, 6);
VALUE(kDLFloat8_e3m4, 7);
VALUE(kDLFloat8_e4m3, 8);
VALUE(kDLFloat8_e4m3b11fnuz, 9);
VALUE(kDLFloat8_e4m3fn, 10);
VALUE(kDLFloat8_e4m3fnuz, 11);
VALUE(kDLFloat8_e5m2, 12);
VALUE(kDLFloat8_e5m2fnuz, 13);
VALUE(kDLFloat8_e8m0fnu, 14);
VALUE(kDLFloat6_e2m3fn, 15);
VALUE(kDLFloat6_e3m2fn, 16);
VALUE(kDLFloat4_e2m1fn, 17);

SIZE(DLPackVersion, 8);
AT(DLPackVersion, major, 0);
AT(DLPackVersion, minor, 4);

SIZE(DLDeviceType, 4);
SIZE(DLDevice, 8);
AT(DLDevice, device_type, 0);
AT(DLDevice, device_id, 4);

SIZE(DLDataType, 4);
AT(DLDataType, code, 0);
AT(DLDataType, bits, 1);
AT(DLDataType, lanes, 2);

SIZE(DLTensor, 48);
AT(DLTensor, data, 0);
AT(DLTensor, device, 8);
AT(DLTensor, ndim, 16);
AT(DLTensor, dtype, 20);
AT(DLTensor, shape, 24);
AT(DLTensor, strides, 32);
AT(DLTensor, byte_offset, 40);

SIZE(DLManagedTensor, 64);
AT(DLManagedTensor, dl_tensor, 0);
AT(DLManagedTensor, manager_ctx, 48);
AT(DLManagedTensor, deleter, 56);

SIZE(DLManagedTensorVersioned, 80);
AT(DLManagedTensorVersioned, version, 0);
AT(DLManagedTensorVersioned, manager_ctx, 8);
AT(DLManagedTensorVersioned, deleter, 16);
AT(DLManagedTensorVersioned, flags, 24);
AT(DLManagedTensorVersioned, dl_tensor, 32);

SIZE(DLPackExchangeAPIHeader, 16);
AT(DLPackExchangeAPIHeader, version, 0);
AT(DLPackExchangeAPIHeader, prev_api, 8);

SIZE(DLPackExchangeAPI, 56);
AT(DLPackExchangeAPI, header, 0);
AT(DLPackExchangeAPI, managed_tensor_allocator, 16);
AT(DLPackExchangeAPI, managed_tensor_from_py_object_no_sync, 24);
AT(DLPackExchangeAPI, managed_tensor_to_py_object_no_sync, 32);
AT(DLPackExchangeAPI, dltensor_from_py_object_no_sync, 40);
AT(DLPackExchangeAPI, current_work_stream, 48);

// --- Macros
// ---------------------------------------------------------------------------------------

VALUE(TVM_FFI_VERSION_MAJOR, 0);
VALUE(TVM_FFI_VERSION_MINOR, 1);
VALUE(TVM_FFI_VERSION_PATCH, 16);

TVM_FFI_DLL int KilnTestDll(int);
TVM_FFI_DLL_EXPORT int KilnTestDllExport(int);
TVM_FFI_WEAK int KilnTestWeak(int);
TVM_FFI_ATTRIBUTE_PURE int KilnTestPure(int);

// --- Enumerations
// ---------------------------------------------------------------------------------

SIZE(TVMFFITypeIndex, 4);
VALUE(kTVMFFIAny, -1);
VALUE(kTVMFFINone, 0);
VALUE(kTVMFFIInt, 1);
VALUE(kTVMFFIBool, 2);
VALUE(kTVMFFIFloat, 3);
VALUE(kTVMFFIOpaquePtr, 4);
VALUE(kTVMFFIDataType, 5);
VALUE(kTVMFFIDevice, 6);
VALUE(kTVMFFIDLTensorPtr, 7);
VALUE(kTVMFFIRawStr, 8);
VALUE(kTVMFFIByteArrayPtr, 9);
VALUE(kTVMFFIObjectRValueRef, 10);
VALUE(kTVMFFISmallStr, 11);
VALUE(kTVMFFISmallBytes, 12);
VALUE(kTVMFFIUnchanged, 13);
VALUE(kTVMFFIStaticObjectBegin, 64);
VALUE(kTVMFFIObject, 64);
VALUE(kTVMFFIStr, 65);
VALUE(kTVMFFIBytes, 66);
VALUE(kTVMFFIError, 67);
VALUE(kTVMFFIFunction, 68);
VALUE(kTVMFFIShape, 69);
VALUE(kTVMFFITensor, 70);
VALUE(kTVMFFIArray, 71);
VALUE(kTVMFFIMap, 72);
VALUE(kTVMFFIModule, 73);
VALUE(kTVMFFIOpaquePyObject, 74);
VALUE(kTVMFFIList, 75);
VALUE(kTVMFFIDict, 76);
VALUE(kTVMFFIVisitInterrupt, 77);
VALUE(kTVMFFIBigInt, 78);
VALUE(kTVMFFIStaticObjectEnd, 79);
VALUE(kTVMFFIDynObjectBegin, 128);

SIZE(TVMFFIObjectDeleterFlagBitMask, 4);
VALUE(kTVMFFIObjectDeleterFlagBitMaskStrong, 1);
VALUE(kTVMFFIObjectDeleterFlagBitMaskWeak, 2);
VALUE(kTVMFFIObjectDeleterFlagBitMaskBoth, 3);

SIZE(TVMFFIBacktraceUpdateMode, 4);
VALUE(kTVMFFIBacktraceUpdateModeReplace, 0);
VALUE(kTVMFFIBacktraceUpdateModeAppend, 1);

SIZE(TVMFFIFieldFlagBitMask, 4);
VALUE(kTVMFFIFieldFlagBitMaskWritable, 1);
VALUE(kTVMFFIFieldFlagBitMaskHasDefault, 2);
VALUE(kTVMFFIFieldFlagBitMaskIsStaticMethod, 4);
VALUE(kTVMFFIFieldFlagBitMaskSEqHashIgnore, 8);
VALUE(kTVMFFIFieldFlagBitMaskSEqHashDefPattern, 16);
VALUE(kTVMFFIFieldFlagBitMaskDefaultFromFactory, 32);
VALUE(kTVMFFIFieldFlagBitMaskReprOff, 64);
VALUE(kTVMFFIFieldFlagBitMaskCompareOff, 128);
VALUE(kTVMFFIFieldFlagBitMaskHashOff, 256);
VALUE(kTVMFFIFieldFlagBitMaskInitOff, 512);
VALUE(kTVMFFIFieldFlagBitMaskKwOnly, 1024);
VALUE(kTVMFFIFieldFlagBitSetterIsFunctionObj, 2048);
VALUE(kTVMFFIFieldFlagBitMaskSEqHashDefSimple, 4096);

SIZE(TVMFFISEqHashKind, 4);
VALUE(kTVMFFISEqHashKindUnsupported, 0);
VALUE(kTVMFFISEqHashKindTreeNode, 1);
VALUE(kTVMFFISEqHashKindFreeVar, 2);
VALUE(kTVMFFISEqHashKindDAGNode, 3);
VALUE(kTVMFFISEqHashKindConstTreeNode, 4);
VALUE(kTVMFFISEqHashKindUniqueInstance, 5);

SIZE(TVMFFIDefRegionKind, 4);
VALUE(kTVMFFIDefRegionKindNone, 0);
VALUE(kTVMFFIDefRegionKindPattern, 1);
VALUE(kTVMFFIDefRegionKindSimple, 2);

// --- Structures
// -----------------------------------------------------------------------------------

SIZE(TVMFFIVersion, 12);
AT(TVMFFIVersion, major, 0);
AT(TVMFFIVersion, minor, 4);
AT(TVMFFIVersion, patch, 8);

SIZE(TVMFFIObject, 24);
AT(TVMFFIObject, combined_ref_count, 0);
AT(TVMFFIObject, type_index, 8);
AT(TVMFFIObject, __padding, 12);
AT(TVMFFIObject, deleter, 16);
AT(TVMFFIObject, __ensure_align, 16);

SIZE(TVMFFIAny, 16);
AT(TVMFFIAny, type_index, 0);
AT(TVMFFIAny, zero_padding, 4);
AT(TVMFFIAny, small_str_len, 4);
AT(TVMFFIAny, v_int64, 8);
AT(TVMFFIAny, v_float64, 8);
AT(TVMFFIAny, v_ptr, 8);
AT(TVMFFIAny, v_c_str, 8);
AT(TVMFFIAny, v_obj, 8);
AT(TVMFFIAny, v_dtype, 8);
AT(TVMFFIAny, v_device, 8);
AT(TVMFFIAny, v_bytes, 8);
AT(TVMFFIAny, v_uint64, 8);

SIZE(TVMFFIByteArray, 16);
AT(TVMFFIByteArray, data, 0);
AT(TVMFFIByteArray, size, 8);

SIZE(TVMFFIShapeCell, 16);
AT(TVMFFIShapeCell, data, 0);
AT(TVMFFIShapeCell, size, 8);

SIZE(TVMFFISeqCell, 32);
AT(TVMFFISeqCell, data, 0);
AT(TVMFFISeqCell, size, 8);
AT(TVMFFISeqCell, capacity, 16);
AT(TVMFFISeqCell, data_deleter, 24);

SIZE(TVMFFIErrorCell, 72);
AT(TVMFFIErrorCell, kind, 0);
AT(TVMFFIErrorCell, message, 16);
AT(TVMFFIErrorCell, backtrace, 32);
AT(TVMFFIErrorCell, update_backtrace, 48);
AT(TVMFFIErrorCell, cause_chain, 56);
AT(TVMFFIErrorCell, extra_context, 64);

SIZE(TVMFFIFunctionCell, 16);
AT(TVMFFIFunctionCell, safe_call, 0);
AT(TVMFFIFunctionCell, cpp_call, 8);

SIZE(TVMFFIOpaqueObjectCell, 8);
AT(TVMFFIOpaqueObjectCell, handle, 0);

SIZE(TVMFFIObjectAllocHeader, 8);
AT(TVMFFIObjectAllocHeader, delete_space, 0);

SIZE(TVMFFICustomAllocator, 16);
AT(TVMFFICustomAllocator, allocate, 0);
AT(TVMFFICustomAllocator, context, 8);

SIZE(TVMFFIFieldInfo, 120);
AT(TVMFFIFieldInfo, name, 0);
AT(TVMFFIFieldInfo, doc, 16);
AT(TVMFFIFieldInfo, metadata, 32);
AT(TVMFFIFieldInfo, flags, 48);
AT(TVMFFIFieldInfo, size, 56);
AT(TVMFFIFieldInfo, alignment, 64);
AT(TVMFFIFieldInfo, offset, 72);
AT(TVMFFIFieldInfo, getter, 80);
AT(TVMFFIFieldInfo, setter, 88);
AT(TVMFFIFieldInfo, default_value_or_factory, 96);
AT(TVMFFIFieldInfo, field_static_type_index, 112);

SIZE(TVMFFIMethodInfo, 72);
AT(TVMFFIMethodInfo, name, 0);
AT(TVMFFIMethodInfo, doc, 16);
AT(TVMFFIMethodInfo, metadata, 32);
AT(TVMFFIMethodInfo, flags, 48);
AT(TVMFFIMethodInfo, method, 56);

SIZE(TVMFFITypeMetadata, 32);
AT(TVMFFITypeMetadata, doc, 0);
AT(TVMFFITypeMetadata, creator, 16);
AT(TVMFFITypeMetadata, total_size, 24);
AT(TVMFFITypeMetadata, structural_eq_hash_kind, 28);

SIZE(TVMFFITypeAttrColumn, 16);
AT(TVMFFITypeAttrColumn, data, 0);
AT(TVMFFITypeAttrColumn, size, 8);
AT(TVMFFITypeAttrColumn, begin_index, 12);

SIZE(TVMFFITypeInfo, 72);
AT(TVMFFITypeInfo, type_index, 0);
AT(TVMFFITypeInfo, type_depth, 4);
AT(TVMFFITypeInfo, type_key, 8);
AT(TVMFFITypeInfo, type_ancestors, 24);
AT(TVMFFITypeInfo, type_key_hash, 32);
AT(TVMFFITypeInfo, num_fields, 40);
AT(TVMFFITypeInfo, num_methods, 44);
AT(TVMFFITypeInfo, fields, 48);
AT(TVMFFITypeInfo, methods, 56);
AT(TVMFFITypeInfo, metadata, 64);

#undef SIZE
#undef AT
#undef VALUE

#endif  // KILN_TESTS_ABI_C_LAYOUT_ASSERTS_H_
