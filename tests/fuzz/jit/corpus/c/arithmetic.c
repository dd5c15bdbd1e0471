//! opt_level=0
int f(int a, unsigned b, long long c, short d) {
  return (a << 3) + (int)(b >> (d & 31)) - (int)(c % (d | 1)) * (a < 0 ? -a : a) ^ ~d;
}
unsigned long long g(unsigned long long x) { return __builtin_popcountll(x) + (x / 10) * 7; }
_Bool h(float x, double y) { return x != x || y > 1e300; }
