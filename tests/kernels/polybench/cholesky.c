#include <math.h>

#include "polybench.h"

KERNEL cholesky(int64_t n, Output a) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      double rest = a[i * n + j];
      for (int64_t k = 0; k < j; ++k) rest -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = rest / a[j * n + j];
    }
    double square = a[i * n + i];
    for (int64_t k = 0; k < i; ++k) square -= a[i * n + k] * a[i * n + k];
    a[i * n + i] = sqrt(square);
  }
}
