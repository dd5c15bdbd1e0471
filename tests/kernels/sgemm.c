// sgemm(a, b, c): C = A B for row-major float32 matrices, M x K by K x N, computed tile by tile.
#include <string.h>

#include <tvm/ffi/c_api.h>

enum { kTileM = 32, kTileN = 64, kTileK = 32 };

static const DLTensor* TensorOf(const TVMFFIAny* arg) {
  if (arg->type_index == kTVMFFIDLTensorPtr) return (const DLTensor*)arg->v_ptr;
  if (arg->type_index != kTVMFFITensor) return NULL;
  return (const DLTensor*)((const char*)arg->v_obj + sizeof(TVMFFIObject));
}

static int64_t Min(int64_t a, int64_t b) { return a < b ? a : b; }

// c[m][n] += a[m][k] * b[k][n] for one tile; lda, ldb, ldc are row lengths.
static void MultiplyTile(const float* restrict a, const float* restrict b, float* restrict c,
                         int64_t m, int64_t n, int64_t k, int64_t lda, int64_t ldb, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t p = 0; p < k; ++p) {
      const float factor = a[i * lda + p];
      for (int64_t j = 0; j < n; ++j) {
        c[i * ldc + j] += factor * b[p * ldb + j];
      }
    }
  }
}

TVM_FFI_DLL_EXPORT int __tvm_ffi_sgemm(void* self, const TVMFFIAny* args, int32_t num_args,
                                       TVMFFIAny* result) {
  (void)self;
  (void)result;
  const DLTensor* a = num_args == 3 ? TensorOf(&args[0]) : NULL;
  const DLTensor* b = num_args == 3 ? TensorOf(&args[1]) : NULL;
  const DLTensor* c = num_args == 3 ? TensorOf(&args[2]) : NULL;
  if (a == NULL || b == NULL || c == NULL || a->ndim != 2 || b->ndim != 2 || c->ndim != 2) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "sgemm takes three matrices: a, b, c");
    return -1;
  }
  const int64_t m = a->shape[0], k = a->shape[1], n = b->shape[1];
  if (b->shape[0] != k || c->shape[0] != m || c->shape[1] != n) {
    TVMFFIErrorSetRaisedFromCStr("ValueError", "sgemm: the shapes do not fit");
    return -1;
  }
  const float* from_a = (const float*)a->data;
  const float* from_b = (const float*)b->data;
  float* to = (float*)c->data;
  memset(to, 0, (size_t)(m * n) * sizeof(float));
  for (int64_t i = 0; i < m; i += kTileM) {
    for (int64_t p = 0; p < k; p += kTileK) {
      for (int64_t j = 0; j < n; j += kTileN) {
        MultiplyTile(from_a + i * k + p, from_b + p * n + j, to + i * n + j, Min(kTileM, m - i),
                     Min(kTileN, n - j), Min(kTileK, k - p), k, n, n);
      }
    }
  }
  return 0;
}
