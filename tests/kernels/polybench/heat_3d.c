#include "polybench.h"

static double second_difference(const double* at, int64_t stride) {
  return at[stride] - 2.0 * at[0] + at[-stride];
}

static void step(int64_t n, Input from, Output to) {
  for (int64_t i = 1; i < n - 1; ++i) {
    for (int64_t j = 1; j < n - 1; ++j) {
      for (int64_t k = 1; k < n - 1; ++k) {
        const int64_t place = (i * n + j) * n + k;
        const double* const at = from + place;
        to[place] = at[0] + 0.125 * second_difference(at, n * n) +
                    0.125 * second_difference(at, n) + 0.125 * second_difference(at, 1);
      }
    }
  }
}

KERNEL heat_3d(int64_t steps, int64_t n, Output a, Output b) {
  for (int64_t t = 0; t < steps; ++t) {
    step(n, a, b);
    step(n, b, a);
  }
}
