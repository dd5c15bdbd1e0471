//! opt_level=1
//! cpu=x86-64
//! features=+avx2,+fma
#include <immintrin.h>
__m256 mul(__m256 a, __m256 b) { return _mm256_fmadd_ps(a, b, _mm256_setzero_ps()); }
typedef int v8 __attribute__((vector_size(32)));
v8 mix(v8 a, v8 b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11) + (a > b); }
