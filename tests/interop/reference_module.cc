// A class of modules, compiled with the reference's headers.
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>

namespace {

namespace ffi = tvm::ffi;

class DoublerObj : public ffi::ModuleObj {
 public:
  const char* kind() const final { return "doubler"; }
  int GetPropertyMask() const final { return ffi::Module::kRunnable; }
  ffi::Optional<ffi::Function> GetFunction(const ffi::String& name) final {
    if (name != "double") return std::nullopt;
    return ffi::Function::FromTyped([](int64_t x) { return 2 * x; });
  }
  ffi::Optional<ffi::String> GetFunctionDoc(const ffi::String&) final {
    return ffi::String("doubles");
  }
  ffi::String InspectSource(const ffi::String&) const final { return "2 * x"; }
};

ffi::Module MakeDoubler() { return ffi::Module(ffi::make_object<DoublerObj>()); }

}  // namespace

TVM_FFI_DLL_EXPORT_TYPED_FUNC(make_doubler, MakeDoubler);
