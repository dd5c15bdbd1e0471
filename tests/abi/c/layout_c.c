#include "layout_asserts.h"
#include "signatures.h"
