#include "polybench.h"

static void smooth(int64_t n, Input from, Output to) {
  for (int64_t i = 1; i < n - 1; ++i) {
    for (int64_t j = 1; j < n - 1; ++j) {
      const int64_t at = i * n + j;
      to[at] = 0.2 * (from[at] + from[at - 1] + from[at + 1] + from[at - n] + from[at + n]);
    }
  }
}

KERNEL jacobi_2d(int64_t steps, int64_t n, Output a, Output b) {
  for (int64_t t = 0; t < steps; ++t) {
    smooth(n, a, b);
    smooth(n, b, a);
  }
}
