// A kernel library that exports its functions with Kiln's macros.
#include <kiln/kiln.h>

namespace {

int64_t Add(int64_t a, int64_t b) { return a + b; }

void Scale(kiln::TensorView x, double factor) {
  for (float& element : x.elements<float>()) element *= static_cast<float>(factor);
}

}  // namespace

KILN_EXPORT(add, Add);
KILN_EXPORT_DOC(add, "The sum of \"a\" and b.");
KILN_EXPORT(scale, &Scale);
KILN_EXPORT(first, [](const kiln::Tuple<kiln::String, int64_t>& pair) { return pair.get<0>(); });
KILN_EXPORT(fail, []() -> int64_t { throw kiln::Error("ValueError", "as asked"); });
