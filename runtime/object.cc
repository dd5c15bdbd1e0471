#include <string>

#include <kiln/error.h>
#include <kiln/make_object.h>

namespace kiln::runtime {
namespace {

// Lets any object of another language be counted. The handle is that language's.
class OpaqueObj : public Object, public TVMFFIOpaqueObjectCell {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIOpaquePyObject;

  OpaqueObj(void* handle, void (*deleter)(void*)) noexcept
      : TVMFFIOpaqueObjectCell{handle}, deleter_(deleter) {}
  ~OpaqueObj() {
    if (deleter_ != nullptr) deleter_(handle);
  }

 private:
  void (*deleter_)(void*);
};

}  // namespace
}  // namespace kiln::runtime

extern "C" {

int TVMFFIObjectIncRef(TVMFFIObjectHandle obj) {
  return kiln::SafeCall([&] {
    if (obj == nullptr) {
      throw kiln::Error("ValueError", "TVMFFIObjectIncRef needs an object, got a null handle");
    }
    kiln::details::RetainStrong(static_cast<TVMFFIObject*>(obj));
  });
}

int TVMFFIObjectDecRef(TVMFFIObjectHandle obj) {
  if (obj != nullptr) kiln::details::ReleaseStrong(static_cast<TVMFFIObject*>(obj));
  return 0;
}

int TVMFFIObjectCreateOpaque(void* handle, int32_t type_index, void (*deleter)(void* handle),
                             TVMFFIObjectHandle* out) {
  using kiln::runtime::OpaqueObj;
  return kiln::SafeCall([&] {
    if (type_index != OpaqueObj::kTypeIndex) {
      throw kiln::Error("RuntimeError", "an opaque object must have type index " +
                                            std::to_string(OpaqueObj::kTypeIndex) +
                                            " (ffi.OpaquePyObject), got " +
                                            std::to_string(type_index));
    }
    *out = kiln::MakeObject<OpaqueObj>(handle, deleter).release_handle();
  });
}

}  // extern "C"
