// DLPack 1.3, whole. Includes the system's <dlpack/dlpack.h>, of any version from 0.6 on, and
// declares what DLPack 1.3 has and that header lacks: all of Kiln sees one DLPack on every machine.
//
//   0.7  kDLOneAPI, kDLWebGPU, kDLHexagon
//   0.8  kDLBool
//   1.0  kDLMAIA, DLPackVersion, DLManagedTensorVersioned and two of its flags
//   1.1  the float8, float6 and float4 codes, the flag for padded sub-byte types
//   1.2  kDLTrn, the exchange table of Python tensors
//
// A constant that is added here is of no named type, neither DLDeviceType nor DLDataTypeCode. In
// C++ compare it with static_cast<int>(device.device_type), and cast it to make a device of it.
// NOLINTBEGIN(modernize-use-using, readability-identifier-naming)
#ifndef KILN_DLPACK_H_
#define KILN_DLPACK_H_

#include <stddef.h>
#include <stdint.h>

#include <dlpack/dlpack.h>

// What was found: 60, 70, 80 for 0.6 to 0.8; 100, 101, ... from 1.0 on.
#ifdef DLPACK_MAJOR_VERSION
#if DLPACK_MAJOR_VERSION != 1
#error "kiln/dlpack.h needs DLPack 0.6 to 1.x; the <dlpack/dlpack.h> found is newer"
#endif
#define KILN_DLPACK_FOUND (100 + DLPACK_MINOR_VERSION)
#elif defined(DLPACK_VERSION) && DLPACK_VERSION >= 60
#define KILN_DLPACK_FOUND DLPACK_VERSION
#else
#error "kiln/dlpack.h needs DLPack 0.6 or newer; the <dlpack/dlpack.h> found is older"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#if KILN_DLPACK_FOUND < 70
enum { kDLOneAPI = 14, kDLWebGPU = 15, kDLHexagon = 16 };
#endif

#if KILN_DLPACK_FOUND < 80
enum { kDLBool = 6 };
#endif

#if KILN_DLPACK_FOUND < 100
enum { kDLMAIA = 17 };

// The DLPack version that a producer speaks. Another major version means another layout: such a
// tensor may only be deleted.
typedef struct DLPackVersion {
  uint32_t major;
  uint32_t minor;
} DLPackVersion;

// The consumer must not write.
#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)
// A copy that no one else uses until it is deleted.
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)

// A tensor that its producer owns and lends out until `deleter` is called.
struct DLManagedTensorVersioned {
  DLPackVersion version;
  void* manager_ctx;  // the producer's
  // Called once by the consumer when it is done; frees `self` too. May be NULL.
  void (*deleter)(struct DLManagedTensorVersioned* self);
  uint64_t flags;  // DLPACK_FLAG_BITMASK_*
  DLTensor dl_tensor;
};
#endif

#if KILN_DLPACK_FOUND < 101
enum {
  kDLFloat8_e3m4 = 7,
  kDLFloat8_e4m3 = 8,
  kDLFloat8_e4m3b11fnuz = 9,
  kDLFloat8_e4m3fn = 10,
  kDLFloat8_e4m3fnuz = 11,
  kDLFloat8_e5m2 = 12,
  kDLFloat8_e5m2fnuz = 13,
  kDLFloat8_e8m0fnu = 14,
  kDLFloat6_e2m3fn = 15,
  kDLFloat6_e3m2fn = 16,
  kDLFloat4_e2m1fn = 17,
};

// Elements of less than 8 bits lie one to a byte. Without the flag: packed, lowest bits first.
#define DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED (1UL << 2UL)
#endif

#if KILN_DLPACK_FOUND < 102
enum { kDLTrn = 18 };

// Up to 1.1 the type has a tag only.
typedef struct DLManagedTensorVersioned DLManagedTensorVersioned;

// Allocates a tensor with the dtype, shape and device of `prototype`; *out is the caller's to
// delete. Returns 0, or non-zero after one call of SetError(error_ctx, kind, message).
// Never throws.
typedef int (*DLPackManagedTensorAllocator)(DLTensor* prototype, DLManagedTensorVersioned** out,
                                            void* error_ctx,
                                            void (*SetError)(void* error_ctx, const char* kind,
                                                             const char* message));

// The four below return 0, or -1 with a Python exception set. They never throw a C++ exception and
// never wait for a stream.

// Exports a Python tensor. *out is the caller's to delete.
typedef int (*DLPackManagedTensorFromPyObjectNoSync)(void* py_object,
                                                     DLManagedTensorVersioned** out);

// Fills *out with a view of a Python tensor, valid until control returns to Python.
typedef int (*DLPackDLTensorFromPyObjectNoSync)(void* py_object, DLTensor* out);

// The stream that the framework launches on; NULL for the CPU.
typedef int (*DLPackCurrentWorkStream)(DLDeviceType device_type, int32_t device_id,
                                       void** out_current_stream);

// Makes a Python tensor, a new reference, of `tensor` and takes `tensor` over.
typedef int (*DLPackManagedTensorToPyObjectNoSync)(DLManagedTensorVersioned* tensor,
                                                   void** out_py_object);

// Head of an exchange table. Its layout is the same in every version.
typedef struct DLPackExchangeAPIHeader {
  DLPackVersion version;
  struct DLPackExchangeAPIHeader* prev_api;  // an older table of the same framework, or NULL
} DLPackExchangeAPIHeader;

// What a framework offers to exchange tensors without Python calls. Lives as long as the process.
typedef struct DLPackExchangeAPI {
  DLPackExchangeAPIHeader header;
  DLPackManagedTensorAllocator managed_tensor_allocator;
  DLPackManagedTensorFromPyObjectNoSync managed_tensor_from_py_object_no_sync;
  DLPackManagedTensorToPyObjectNoSync managed_tensor_to_py_object_no_sync;
  DLPackDLTensorFromPyObjectNoSync dltensor_from_py_object_no_sync;  // may be NULL
  DLPackCurrentWorkStream current_work_stream;
} DLPackExchangeAPI;
#endif

// The version that tensors made by Kiln carry, the same on every machine.
#if KILN_DLPACK_FOUND < 103
#undef DLPACK_MAJOR_VERSION
#undef DLPACK_MINOR_VERSION
#define DLPACK_MAJOR_VERSION 1
#define DLPACK_MINOR_VERSION 3
#endif

#undef KILN_DLPACK_FOUND

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // KILN_DLPACK_H_
// NOLINTEND(modernize-use-using, readability-identifier-naming)
