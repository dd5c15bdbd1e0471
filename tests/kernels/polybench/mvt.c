#include "polybench.h"

KERNEL mvt(int64_t n, Input a, Input y1, Input y2, Output x1, Output x2) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) x1[i] += a[i * n + j] * y1[j];
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) x2[j] += a[i * n + j] * y2[i];
  }
}
