// What a kernel needs of the ABI's packed convention, with no other header: the layouts are those
// of tvm/ffi/c_api.h and dlpack.h.
#ifndef KILN_TESTS_BENCH_SOURCES_TINY_ABI_H_
#define KILN_TESTS_BENCH_SOURCES_TINY_ABI_H_

typedef int i32;
typedef unsigned int u32;
typedef long i64;
typedef unsigned long u64;

#ifdef __cplusplus
#define KERNEL_LINKAGE extern "C"
#else
#define KERNEL_LINKAGE
#endif
#define KERNEL(name)                                                          \
  KERNEL_LINKAGE __attribute__((visibility("default"))) int __tvm_ffi_##name( \
      void* self, const Value* args, i32 count, Value* result)

enum { kInt = 1, kFloat = 3, kTensorPointer = 7, kTensorObject = 70 };

typedef struct {
  i32 type, id;
} Device;

typedef struct {
  unsigned char code, bits;
  unsigned short lanes;
} DataType;

typedef struct {
  void* data;
  Device device;
  i32 ndim;
  DataType dtype;
  i64* shape;
  i64* strides;
  u64 byte_offset;
} Tensor;

typedef struct {
  u64 counts;
  i32 type_index;
  u32 padding;
  void (*deleter)(void* self, int flags);
} Object;

typedef struct {
  i32 type_index;
  u32 padding;
  union {
    i64 integer;
    double real;
    void* pointer;
  } of;
} Value;

KERNEL_LINKAGE void TVMFFIErrorSetRaisedFromCStr(const char* kind, const char* message);

static inline const Tensor* TensorOf(const Value* value) {
  if (value->type_index == kTensorPointer) return (const Tensor*)value->of.pointer;
  if (value->type_index != kTensorObject) return 0;
  return (const Tensor*)((const char*)value->of.pointer + sizeof(Object));
}

static inline int Refuse(const char* message) {
  TVMFFIErrorSetRaisedFromCStr("TypeError", message);
  return -1;
}

#endif  // KILN_TESTS_BENCH_SOURCES_TINY_ABI_H_
