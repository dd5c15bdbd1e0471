#include "polybench.h"

KERNEL gesummv(int64_t n, double alpha, double beta, Input a, Input b, Input x, Output y) {
  for (int64_t i = 0; i < n; ++i) {
    double ax = 0;
    double bx = 0;
    for (int64_t j = 0; j < n; ++j) {
      ax += a[i * n + j] * x[j];
      bx += b[i * n + j] * x[j];
    }
    y[i] = alpha * ax + beta * bx;
  }
}
