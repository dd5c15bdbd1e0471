#define CAT(a, b) a##b
#define STR(x) #x
#define EACH(f, ...) f(__VA_ARGS__)
#if defined(__x86_64__) && __STDC_VERSION__ >= 201112L
#pragma pack(push, 1)
struct CAT(s, 1) {
  char c;
  int i;
};
#pragma pack(pop)
#endif
#include "nothing.h"
_Static_assert(sizeof(int) == 4, STR(int));
int CAT(f, __LINE__)(void) { return EACH(sizeof, struct s1); }
#error stop
