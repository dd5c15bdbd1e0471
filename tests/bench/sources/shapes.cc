// shapes(x, y): y[i] = x[i] + 1 for float32 tensors of one shape, with what the C++ library has for
// it.
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tiny_abi.h"

static std::vector<int64_t> ShapeOf(const Tensor* tensor) {
  return std::vector<int64_t>(tensor->shape, tensor->shape + tensor->ndim);
}

KERNEL(shapes) {
  (void)self;
  try {
    if (count != 2) {
      throw std::runtime_error("shapes takes two tensors, got " + std::to_string(count));
    }
    const Tensor* x = TensorOf(&args[0]);
    const Tensor* y = TensorOf(&args[1]);
    const std::vector<int64_t> shape = ShapeOf(x);
    if (shape != ShapeOf(y)) throw std::invalid_argument("shapes: the shapes differ");
    int64_t size = 1;
    for (const int64_t extent : shape) size *= extent;
    const float* from = static_cast<const float*>(x->data);
    float* to = static_cast<float*>(y->data);
    for (int64_t i = 0; i < size; ++i) to[i] = from[i] + 1.0f;
    result->type_index = kInt;
    result->of.integer = size;
    return 0;
  } catch (const std::exception& error) {
    return Refuse(error.what());
  }
}
