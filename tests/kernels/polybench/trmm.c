#include "polybench.h"

/* Row i needs the rows below it as they were, so the rows are renewed from the first to the last.
 */
KERNEL trmm(int64_t n, int64_t m, double alpha, Input u, Output b) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t k = i + 1; k < n; ++k) {
      for (int64_t j = 0; j < m; ++j) b[i * m + j] += u[i * n + k] * b[k * m + j];
    }
    for (int64_t j = 0; j < m; ++j) b[i * m + j] *= alpha;
  }
}
