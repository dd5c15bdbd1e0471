// A small kernel library over Kiln's headers; headers_reference.cc is the same over the
// reference's.
#include <kiln/kiln.h>

namespace {

void Scale(kiln::TensorView x, double factor) {
  if (x.ndim() != 1 || !kiln::SameDataType(x.dtype(), kiln::DataTypeOf<float>())) {
    throw kiln::Error("TypeError", "scale needs a vector of float32");
  }
  auto* data = static_cast<float*>(x.data());
  for (int64_t i = 0; i < x.shape()[0]; ++i) data[i] *= static_cast<float>(factor);
}

kiln::Array<kiln::String> Names(int64_t count) {
  kiln::Array<kiln::String> names;
  for (int64_t i = 0; i < count; ++i) names.push_back("name");
  return names;
}

}  // namespace

KILN_EXPORT(scale, Scale);
KILN_EXPORT(names, Names);
