//! opt_level=3
//! debug_info=true
void scale(float* restrict y, const float* restrict x, float a, int n) {
#pragma clang loop vectorize(enable) interleave_count(4)
  for (int i = 0; i < n; ++i) y[i] = a * x[i] + y[i];
}
long sum(const int* p, long n) {
  long s = 0;
  for (long i = 0; i < n; ++i) {
    if (p[i] < 0) continue;
    switch (p[i] & 3) {
      case 0:
        s += p[i];
        break;
      case 1:
        s ^= 5; /* fallthrough */
      default:
        s -= i;
    }
  }
  do {
    s >>= 1;
  } while (s > 100);
  while (s & 1) goto out;
out:
  return s;
}
