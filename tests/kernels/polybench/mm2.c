#include "polybench.h"

KERNEL mm2(int64_t n, double alpha, double beta, Input a, Input b, Input c, Output product,
           Output d) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) product[i * n + j] = 0;
    for (int64_t k = 0; k < n; ++k) {
      for (int64_t j = 0; j < n; ++j) product[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) d[i * n + j] *= beta;
    for (int64_t k = 0; k < n; ++k) {
      for (int64_t j = 0; j < n; ++j) d[i * n + j] += product[i * n + k] * c[k * n + j];
    }
  }
}
