//! opt=auto
//! opt_level=2
#include <stddef.h>
#include <stdint.h>
typedef struct {
  int a : 3;
  unsigned b : 29;
  union {
    float f;
    int32_t i;
  } u;
  char name[5];
} Pair;
enum color { RED, GREEN = 5, BLUE };
typedef float v4 __attribute__((vector_size(16)));
typedef int (*function)(Pair, enum color);
static const Pair table[] = {{1, 2, {.f = 3.0f}, "abc"}, [2] = {.a = -1, .u.i = 7}};
int counter = 3;
static int hidden;
_Thread_local int local = 4;
v4 add(v4 a, v4 b) { return a * b + (v4){1, 2, 3, 4}; }
int pick(Pair p, enum color c) { return p.a + table[c % 3].u.i + offsetof(Pair, u) + ++hidden; }
function get(void) {
  local += counter++;
  return &pick;
}
_Complex double cd(_Complex double z) { return z * z; }
__int128 wide(__int128 a) { return a / 3; }
_BitInt(37) bits(_BitInt(37) a) { return a * 3wb; }
