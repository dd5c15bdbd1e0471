#include <math.h>

#include "polybench.h"

static void normalise(int64_t n, int64_t m, Output samples, Output mean, Output deviation) {
  for (int64_t j = 0; j < m; ++j) mean[j] = deviation[j] = 0;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < m; ++j) mean[j] += samples[i * m + j];
  }
  for (int64_t j = 0; j < m; ++j) mean[j] /= (double)n;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < m; ++j) {
      const double off = samples[i * m + j] - mean[j];
      deviation[j] += off * off;
    }
  }
  for (int64_t j = 0; j < m; ++j) {
    const double root = sqrt(deviation[j]);
    deviation[j] = root > 1e-9 ? root : 1.0;
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < m; ++j) {
      samples[i * m + j] = (samples[i * m + j] - mean[j]) / deviation[j];
    }
  }
}

KERNEL correlation(int64_t n, int64_t m, Output samples, Output mean, Output deviation,
                   Output matrix) {
  normalise(n, m, samples, mean, deviation);
  for (int64_t i = 0; i < m; ++i) {
    matrix[i * m + i] = 1.0;
    for (int64_t j = i + 1; j < m; ++j) {
      double dot = 0;
      for (int64_t k = 0; k < n; ++k) dot += samples[k * m + i] * samples[k * m + j];
      matrix[i * m + j] = dot;
      matrix[j * m + i] = dot;
    }
  }
}
