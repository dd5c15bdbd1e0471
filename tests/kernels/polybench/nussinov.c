#include "polybench.h"

static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

KERNEL nussinov(int64_t n, const int8_t* RESTRICT bases, int32_t* RESTRICT score) {
  for (int64_t i = n - 2; i >= 0; --i) {
    for (int64_t j = i + 1; j < n; ++j) {
      /* The ends pair, if there is room between them for a turn. */
      const int32_t pairs = j - i > 1 && bases[i] + bases[j] == 3;
      int32_t best = score[(i + 1) * n + j - 1] + pairs;
      for (int64_t k = i; k < j; ++k)
        best = larger(best, score[i * n + k] + score[(k + 1) * n + j]);
      score[i * n + j] = best;
    }
  }
}
