#include "polybench.h"

KERNEL jacobi_1d(int64_t steps, int64_t n, Output a, Output b) {
  const double third = 1.0 / 3.0;
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t i = 1; i < n - 1; ++i) b[i] = third * (a[i - 1] + a[i] + a[i + 1]);
    for (int64_t i = 1; i < n - 1; ++i) a[i] = third * (b[i - 1] + b[i] + b[i + 1]);
  }
}
