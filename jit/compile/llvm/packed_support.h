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
};

/* Raise TypeError or ValueError, and return -1. */
int kiln_packed_raise_count(const KilnPackedSignature* signature, int32_t given);
int kiln_packed_raise_argument(const KilnPackedSignature* signature, const TVMFFIAny* args,
                               int32_t index, int32_t fault);

/* Raises the C++ exception that a landing pad has caught, and returns -1. */
int kiln_packed_raise_exception(void* exception);

#ifdef __cplusplus
}
#endif

#endif  // KILN_JIT_COMPILE_LLVM_PACKED_SUPPORT_H_
