// A library compiled against the reference's C++ headers that describes a class of its own.
#include <cstdint>

#include <tvm/ffi/function.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

namespace {

namespace ffi = tvm::ffi;
namespace refl = tvm::ffi::reflection;

class PointObj : public ffi::Object {
 public:
  int64_t x = 0;
  int64_t y = 0;
  ffi::String label;

  PointObj() = default;
  explicit PointObj(ffi::UnsafeInit) {}
  static constexpr bool _type_mutable = true;

  int64_t Sum() const { return x + y; }

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("kiln.test.Point", PointObj, ffi::Object);
};

class Point : public ffi::ObjectRef {
 public:
  Point(int64_t x, int64_t y) {
    auto object = ffi::make_object<PointObj>();
    object->x = x;
    object->y = y;
    data_ = std::move(object);
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Point, ffi::ObjectRef, PointObj);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<PointObj>()
      .def_ro("x", &PointObj::x, "The abscissa.")
      .def_rw("y", &PointObj::y, "The ordinate.")
      .def_rw("label", &PointObj::label, refl::DefaultValue("a point without a name"))
      .def("sum", &PointObj::Sum, "x + y")
      .def_static("make", [](int64_t x, int64_t y) { return Point(x, y); });
  refl::EnsureTypeAttrColumn("kiln.test.empty");
  refl::TypeAttrDef<PointObj>().attr("kiln.test.size", int64_t{2});
}

}  // namespace
