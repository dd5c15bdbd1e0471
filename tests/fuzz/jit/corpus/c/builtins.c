//! opt_level=2
//! flags=-Wall
#include <math.h>
#include <stdarg.h>
#include <string.h>
int many(int n, ...) {
  va_list list;
  va_start(list, n);
  int s = 0;
  while (n-- > 0) s += va_arg(list, int);
  va_end(list);
  return s;
}
void copy(char* to, const char* from) {
  memcpy(to, from, 16);
  __builtin_prefetch(from);
}
int at(int* p) {
  return __atomic_fetch_add(p, 1, __ATOMIC_SEQ_CST) + __sync_val_compare_and_swap(p, 1, 2);
}
double root(double x) { return sqrt(x) + __builtin_fma(x, x, 1.0) + __builtin_nan(""); }
void stop(void) {
  __asm__ volatile("nop" ::: "memory");
  __builtin_trap();
}
int e(int n) {
  int a[n];
  a[0] = ({
    int t = n;
    t + 1;
  });
  return a[0] + _Generic(n, int: 1, default: 2);
}
__attribute__((constructor)) static void begin(void) { copy((char*)0, (char*)0); }
__attribute__((noinline, cold, section("mine"))) void named(void) {}
__attribute__((weak)) int weak_one(void) { return 1; }
extern int weak_two(void) __attribute__((alias("weak_one")));
