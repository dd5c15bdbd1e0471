#include "polybench.h"

KERNEL bicg(int64_t n, int64_t m, Input a, Input r, Input p, Output s, Output q) {
  for (int64_t j = 0; j < m; ++j) s[j] = 0;
  for (int64_t i = 0; i < n; ++i) {
    q[i] = 0;
    for (int64_t j = 0; j < m; ++j) {
      s[j] += r[i] * a[i * m + j];
      q[i] += a[i * m + j] * p[j];
    }
  }
}
