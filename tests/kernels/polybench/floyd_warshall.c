#include "polybench.h"

KERNEL floyd_warshall(int64_t n, int32_t* RESTRICT distance) {
  for (int64_t via = 0; via < n; ++via) {
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        const int32_t detour = distance[i * n + via] + distance[via * n + j];
        if (detour < distance[i * n + j]) distance[i * n + j] = detour;
      }
    }
  }
}
