/* What packed wrappers call where a call fails: raises errors that say which argument of which
 * function is at fault. Plain C, because compiled modules carry it along where they are written to
 * disk.
 *
 * Any number of threads may call these functions at once.
 */
#ifndef KILN_JIT_COMPILE_LLVM_PACKED_SUPPORT_H_
#define KILN_JIT_COMPILE_LLVM_PACKED_SUPPORT_H_

#include <stdint.h>

#include <tvm/ffi/c_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A function as its wrapper knows it. Generated code lays these out: packed_wrappers.cc. */
typedef struct KilnPackedParameter {
  const char* name;     /* "" where the source gives none */
  const char* expected; /* "float32 tensor", "int (8 bits)" */
} KilnPackedParameter;

typedef struct KilnPackedSignature {
  const char* function;
  int64_t count;
  const KilnPackedParameter* parameters;
} KilnPackedSignature;

/* What is wrong with an argument. */
enum KilnPackedFault {
  kKilnPackedFaultKind = 0,       /* another kind of value, or another element type */
  kKilnPackedFaultRange = 1,      /* an integer that the parameter can't hold */
  kKilnPackedFaultDevice = 2,     /* a tensor that is not in CPU memory */
  kKilnPackedFaultContiguity = 3, /* a tensor with gaps, or not row by row */
  kKilnPackedFaultAlignment = 4,  /* a tensor whose first element is not aligned to its size */
  kKilnPackedFaultReadOnly = 5,   /* a tensor that must not be written */
  kKilnPackedFaultNotOnGpu = 6,   /* of a kernel: a tensor that is not in CUDA memory */
  kKilnPackedFaultOtherGpu = 7,   /* of a kernel: a tensor on another GPU than the first one */
  kKilnPackedFaultNul = 8,        /* of a C string: a text with a NUL inside */
};

/* Raise TypeError or ValueError, and return -1. */
int kiln_packed_raise_count(const KilnPackedSignature* signature, int32_t given);
int kiln_packed_raise_argument(const KilnPackedSignature* signature, const TVMFFIAny* args,
                               int32_t index, int32_t fault);

/* 1 where a string that has a size (kTVMFFISmallStr, kTVMFFIStr) has a NUL among its bytes, else 0.
 */
int32_t kiln_packed_has_nul(const TVMFFIAny* string);

/* The 64 bits of a kTVMFFIBigInt in [2^63, 2^64), which live as long as the argument; NULL for
 * every other value. */
const void* kiln_packed_unsigned_bits(const TVMFFIAny* value);

/* Raises the C++ exception that a landing pad has caught, and returns -1. */
int kiln_packed_raise_exception(void* exception);

#ifdef __cplusplus
}
#endif

#endif  // KILN_JIT_COMPILE_LLVM_PACKED_SUPPORT_H_
