// A library whose initialisation fails.
#include <kiln/registry.h>

KILN_STATIC_INIT_BLOCK() { throw kiln::Error("ValueError", "no table 'kiln.test.absent'"); }
