#include "polybench.h"

KERNEL syrk(int64_t n, int64_t m, double alpha, double beta, Input a, Output c) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      double dot = 0;
      for (int64_t k = 0; k < m; ++k) dot += a[i * m + k] * a[j * m + k];
      c[i * n + j] = beta * c[i * n + j] + alpha * dot;
    }
  }
}
