// tiny(x, y): y[i] = x[i] + 1 for float32 vectors.
#include "tiny_abi.h"

KERNEL(tiny) {
  (void)self;
  (void)result;
  const Tensor* x = count == 2 ? TensorOf(&args[0]) : 0;
  const Tensor* y = count == 2 ? TensorOf(&args[1]) : 0;
  if (!x || !y) return Refuse("tiny takes two tensors: x, y");
  const float* from = (const float*)x->data;
  float* to = (float*)y->data;
  for (i64 i = 0; i < x->shape[0]; ++i) to[i] = from[i] + 1.0f;
  return 0;
}
