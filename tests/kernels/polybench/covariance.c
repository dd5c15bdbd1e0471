#include "polybench.h"

KERNEL covariance(int64_t n, int64_t m, Output samples, Output mean, Output matrix) {
  for (int64_t j = 0; j < m; ++j) mean[j] = 0;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < m; ++j) mean[j] += samples[i * m + j] / (double)n;
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < m; ++j) samples[i * m + j] -= mean[j];
  }
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < m; ++j) matrix[i * m + j] = 0;
    for (int64_t k = 0; k < n; ++k) {
      const double factor = samples[k * m + i] / (double)(n - 1);
      for (int64_t j = 0; j < m; ++j) matrix[i * m + j] += factor * samples[k * m + j];
    }
  }
}
