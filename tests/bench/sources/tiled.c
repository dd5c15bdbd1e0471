// tiled(a, b, c): C = A B for row-major float32 matrices, M x K by K x N. Tiles of A and B are
// packed, and whole tiles are multiplied four rows at a time.
#include "tiny_abi.h"

enum { kTile = 64 };

static i64 Min(i64 a, i64 b) { return a < b ? a : b; }

static void Pack(float* restrict to, const float* restrict from, i64 stride, i64 rows,
                 i64 columns) {
  for (i64 i = 0; i < rows; ++i) {
    for (i64 j = 0; j < columns; ++j) to[i * kTile + j] = from[i * stride + j];
  }
}

static void MultiplyWhole(float* restrict c, const float* restrict a, const float* restrict b,
                          i64 stride) {
  for (i64 i = 0; i < kTile; i += 4) {
    float sums[4][kTile] = {{0}};
    for (i64 p = 0; p < kTile; ++p) {
      const float* restrict row = b + p * kTile;
      const float a0 = a[i * kTile + p], a1 = a[(i + 1) * kTile + p];
      const float a2 = a[(i + 2) * kTile + p], a3 = a[(i + 3) * kTile + p];
      for (i64 j = 0; j < kTile; ++j) {
        sums[0][j] += a0 * row[j];
        sums[1][j] += a1 * row[j];
        sums[2][j] += a2 * row[j];
        sums[3][j] += a3 * row[j];
      }
    }
    for (i64 r = 0; r < 4; ++r) {
      for (i64 j = 0; j < kTile; ++j) c[(i + r) * stride + j] += sums[r][j];
    }
  }
}

static void MultiplyPart(float* restrict c, const float* restrict a, const float* restrict b,
                         i64 stride, i64 m, i64 n, i64 k) {
  for (i64 i = 0; i < m; ++i) {
    for (i64 p = 0; p < k; ++p) {
      for (i64 j = 0; j < n; ++j) c[i * stride + j] += a[i * kTile + p] * b[p * kTile + j];
    }
  }
}

KERNEL(tiled) {
  (void)self;
  (void)result;
  const Tensor* at = count == 3 ? TensorOf(&args[0]) : 0;
  const Tensor* bt = count == 3 ? TensorOf(&args[1]) : 0;
  const Tensor* ct = count == 3 ? TensorOf(&args[2]) : 0;
  if (!at || !bt || !ct) return Refuse("tiled takes three matrices: a, b, c");
  const i64 m = at->shape[0], k = at->shape[1], n = bt->shape[1];
  if (bt->shape[0] != k || ct->shape[0] != m || ct->shape[1] != n) {
    return Refuse("tiled: the shapes do not fit");
  }
  const float* restrict a = (const float*)at->data;
  const float* restrict b = (const float*)bt->data;
  float* restrict c = (float*)ct->data;
  float packed_a[kTile * kTile], packed_b[kTile * kTile];
  for (i64 i = 0; i < m * n; ++i) c[i] = 0.0f;
  for (i64 j = 0; j < n; j += kTile) {
    for (i64 p = 0; p < k; p += kTile) {
      const i64 columns = Min(kTile, n - j), depth = Min(kTile, k - p);
      Pack(packed_b, b + p * n + j, n, depth, columns);
      for (i64 i = 0; i < m; i += kTile) {
        const i64 rows = Min(kTile, m - i);
        Pack(packed_a, a + i * k + p, k, rows, depth);
        if (rows == kTile && columns == kTile && depth == kTile) {
          MultiplyWhole(c + i * n + j, packed_a, packed_b, n);
        } else {
          MultiplyPart(c + i * n + j, packed_a, packed_b, n, rows, columns, depth);
        }
      }
    }
  }
  return 0;
}
