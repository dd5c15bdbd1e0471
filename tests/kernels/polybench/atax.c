#include "polybench.h"

KERNEL atax(int64_t n, int64_t m, Input a, Input x, Output ax, Output y) {
  for (int64_t j = 0; j < m; ++j) y[j] = 0;
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < m; ++j) sum += a[i * m + j] * x[j];
    ax[i] = sum;
    for (int64_t j = 0; j < m; ++j) y[j] += a[i * m + j] * sum;
  }
}
