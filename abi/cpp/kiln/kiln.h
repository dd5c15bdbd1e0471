// Everything but the JIT: what a program or kernel library of the ABI includes.
#ifndef KILN_KILN_H_
#define KILN_KILN_H_

#include "kiln/any.h"
#include "kiln/array.h"
#include "kiln/dict.h"
#include "kiln/dtype.h"
#include "kiln/environment.h"
#include "kiln/error.h"
#include "kiln/export.h"
#include "kiln/function.h"
#include "kiln/hash.h"
#include "kiln/list.h"
#include "kiln/make_object.h"
#include "kiln/map.h"
#include "kiln/module.h"
#include "kiln/object.h"
#include "kiln/object_type.h"
#include "kiln/optional.h"
#include "kiln/reflection.h"
#include "kiln/registry.h"
#include "kiln/rvalue_ref.h"
#include "kiln/schema.h"
#include "kiln/shape.h"
#include "kiln/string.h"
#include "kiln/tensor.h"
#include "kiln/traits.h"
#include "kiln/tuple.h"
#include "kiln/typed_function.h"
#include "kiln/variant.h"

#endif  // KILN_KILN_H_
