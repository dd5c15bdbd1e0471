#include "polybench.h"

KERNEL gemm(int64_t n, int64_t m, int64_t k, double alpha, double beta, Input a, Input b,
            Output c) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < m; ++j) c[i * m + j] *= beta;
    for (int64_t p = 0; p < k; ++p) {
      const double factor = alpha * a[i * k + p];
      for (int64_t j = 0; j < m; ++j) c[i * m + j] += factor * b[p * m + j];
    }
  }
}
