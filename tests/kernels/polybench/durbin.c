#include "polybench.h"

KERNEL durbin(int64_t n, Input r, Output y, Output scratch) {
  double reflection = -r[0];
  double power = 1.0;
  y[0] = reflection;
  for (int64_t k = 1; k < n; ++k) {
    double sum = r[k];
    for (int64_t i = 0; i < k; ++i) sum += r[k - 1 - i] * y[i];
    power *= 1.0 - reflection * reflection;
    reflection = -sum / power;
    for (int64_t i = 0; i < k; ++i) scratch[i] = y[i] + reflection * y[k - 1 - i];
    for (int64_t i = 0; i < k; ++i) y[i] = scratch[i];
    y[k] = reflection;
  }
}
