#include "polybench.h"

KERNEL seidel_2d(int64_t steps, int64_t n, Output a) {
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t i = 1; i < n - 1; ++i) {
      for (int64_t j = 1; j < n - 1; ++j) {
        double* const row = a + i * n + j;
        const double above = row[-n - 1] + row[-n] + row[-n + 1];
        const double below = row[n - 1] + row[n] + row[n + 1];
        row[0] = (above + (row[-1] + row[0] + row[1]) + below) / 9.0;
      }
    }
  }
}
