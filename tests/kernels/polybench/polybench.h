/* The kernels of this folder: loop nests of linear algebra, stencils, statistics and dynamic
   programming, as plain functions of C17 and C++20.

   Matrices lie row by row without gaps; the sizes come first, then the scalars, then the arrays.
   No array overlaps another. What is not const is written, and read first where the formula needs
   it. */
#ifndef KILN_TESTS_KERNELS_POLYBENCH_POLYBENCH_H_
#define KILN_TESTS_KERNELS_POLYBENCH_POLYBENCH_H_

#include <stdint.h>

#ifdef __cplusplus
#define KERNEL extern "C" void
#else
#define KERNEL void
#endif
/* Both languages of GCC and Clang know this spelling. */
#define RESTRICT __restrict

/* NOLINTBEGIN(modernize-use-using): C has no other way. */
typedef const double* RESTRICT Input;
typedef double* RESTRICT Output;
/* NOLINTEND(modernize-use-using) */

/* C = alpha A B + beta C; A is n x k, B is k x m. */
KERNEL gemm(int64_t n, int64_t m, int64_t k, double alpha, double beta, Input a, Input b, Output c);
/* D = alpha A B C + beta D, all n x n; `product` is left with alpha A B. */
KERNEL mm2(int64_t n, double alpha, double beta, Input a, Input b, Input c, Output product,
           Output d);
/* G = (A B) (C D), all n x n; `left` and `right` are left with the two products. */
KERNEL mm3(int64_t n, Input a, Input b, Input c, Input d, Output left, Output right, Output g);
/* y = A' (A x); A is n x m, `ax` is left with A x. */
KERNEL atax(int64_t n, int64_t m, Input a, Input x, Output ax, Output y);
/* s = A' r and q = A p; A is n x m. */
KERNEL bicg(int64_t n, int64_t m, Input a, Input r, Input p, Output s, Output q);
/* x1 += A y1 and x2 += A' y2; A is n x n. */
KERNEL mvt(int64_t n, Input a, Input y1, Input y2, Output x1, Output x2);
/* y = alpha A x + beta B x, n x n. */
KERNEL gesummv(int64_t n, double alpha, double beta, Input a, Input b, Input x, Output y);
/* C = alpha A A' + beta C in the lower triangle; A is n x m. */
KERNEL syrk(int64_t n, int64_t m, double alpha, double beta, Input a, Output c);
/* B = alpha U B in place; U is n x n, upper triangular with ones on the diagonal, B is n x m. */
KERNEL trmm(int64_t n, int64_t m, double alpha, Input u, Output b);
/* Means of three neighbours, to and fro between the two rods `steps` times. */
KERNEL jacobi_1d(int64_t steps, int64_t n, Output a, Output b);
/* Means of five neighbours, to and fro between the two n x n plates `steps` times. */
KERNEL jacobi_2d(int64_t steps, int64_t n, Output a, Output b);
/* Means of nine neighbours in place, some of them renewed already, `steps` times. */
KERNEL seidel_2d(int64_t steps, int64_t n, Output a);
/* Electric field (ex, ey) and magnetic field hz in two dimensions, n x m; wave[t] enters at the
   first row of ey at step t. */
KERNEL fdtd_2d(int64_t steps, int64_t n, int64_t m, Input wave, Output ex, Output ey, Output hz);
/* The heat equation in a cube of n x n x n, to and fro between a and b `steps` times. */
KERNEL heat_3d(int64_t steps, int64_t n, Output a, Output b);
/* A = L L', n x n, symmetric and positive definite; the lower triangle becomes L. */
KERNEL cholesky(int64_t n, Output a);
/* A = L U in place without pivots, n x n; the ones of L's diagonal are not stored. */
KERNEL lu(int64_t n, Output a);
/* Solves the Toeplitz system of Yule and Walker for r, by Durbin's recursion. */
KERNEL durbin(int64_t n, Input r, Output y, Output scratch);
/* The correlation matrix (m x m) of m series of n samples; `samples` (n x m) is left normalised. */
KERNEL correlation(int64_t n, int64_t m, Output samples, Output mean, Output deviation,
                   Output matrix);
/* The covariance matrix (m x m) of m series of n samples; `samples` (n x m) is left centred. */
KERNEL covariance(int64_t n, int64_t m, Output samples, Output mean, Output matrix);
/* All shortest paths of a graph: distance[i][j] becomes the length of the shortest one. */
KERNEL floyd_warshall(int64_t n, int32_t* RESTRICT distance);
/* The most base pairs that a strand of RNA can fold into; bases are 0..3, and pair if their sum is
   3. score[i][j], zero before, becomes that of the bases i..j. */
KERNEL nussinov(int64_t n, const int8_t* RESTRICT bases, int32_t* RESTRICT score);

#endif /* KILN_TESTS_KERNELS_POLYBENCH_POLYBENCH_H_ */
