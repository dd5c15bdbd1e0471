#include "polybench.h"

static void multiply(int64_t n, Input a, Input b, Output product) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) product[i * n + j] = 0;
    for (int64_t k = 0; k < n; ++k) {
      for (int64_t j = 0; j < n; ++j) product[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
}

KERNEL mm3(int64_t n, Input a, Input b, Input c, Input d, Output left, Output right, Output g) {
  multiply(n, a, b, left);
  multiply(n, c, d, right);
  multiply(n, left, right, g);
}
