#include "polybench.h"

KERNEL fdtd_2d(int64_t steps, int64_t n, int64_t m, Input wave, Output ex, Output ey, Output hz) {
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t j = 0; j < m; ++j) ey[j] = wave[t];
    for (int64_t i = 1; i < n; ++i) {
      for (int64_t j = 0; j < m; ++j) {
        ey[i * m + j] -= 0.5 * (hz[i * m + j] - hz[(i - 1) * m + j]);
      }
    }
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 1; j < m; ++j) ex[i * m + j] -= 0.5 * (hz[i * m + j] - hz[i * m + j - 1]);
    }
    for (int64_t i = 0; i < n - 1; ++i) {
      for (int64_t j = 0; j < m - 1; ++j) {
        const int64_t at = i * m + j;
        hz[at] -= 0.7 * (ex[at + 1] - ex[at] + ey[at + m] - ey[at]);
      }
    }
  }
}
