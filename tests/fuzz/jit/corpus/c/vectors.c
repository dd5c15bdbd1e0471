//! opt_level=1
//! cpu=x86-64
//! features=+avx2,+fma
typedef float f8 __attribute__((vector_size(32)));
typedef int v8 __attribute__((vector_size(32)));
f8 mul(f8 a, f8 b) {
  return __builtin_elementwise_fma(a, b, a) - __builtin_convertvector(a < b, f8);
}
int total(v8 a) { return __builtin_reduce_add(__builtin_elementwise_max(a, -a)); }
v8 mix(v8 a, v8 b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11) + (a > b); }
