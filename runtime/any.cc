#include <utility>

#include <kiln/traits.h>

#include "runtime/argument.h"
#include "runtime/string.h"

namespace kiln::runtime {
namespace {

// An r-value reference is a pointer to the caller's handle, which the owned value empties.
TVMFFIAny MoveOut(TVMFFIObject** slot) {
  if (slot == nullptr || *slot == nullptr) {
    throw Error("InternalError", "an r-value reference was given away already");
  }
  TVMFFIAny any{};
  any.v_obj = std::exchange(*slot, nullptr);
  any.type_index = any.v_obj->type_index;
  return any;
}

TVMFFIAny Owned(const TVMFFIAny& view) {
  switch (view.type_index) {
    case kTVMFFIRawStr:
      if (view.v_c_str == nullptr) throw Error("ValueError", "a C string argument is null");
      return MakeString(view.v_c_str);
    case kTVMFFIByteArrayPtr:
      return MakeBytes(
          RequiredText(static_cast<const TVMFFIByteArray*>(view.v_ptr), "a byte array argument"));
    case kTVMFFISmallStr:
    case kTVMFFISmallBytes:
      if (!details::FitsInline(view)) throw Error("ValueError", "got " + Describe(view));
      return view;
    case kTVMFFIObjectRValueRef:
      return MoveOut(static_cast<TVMFFIObject**>(view.v_ptr));
    default:
      break;
  }
  if (view.type_index >= kTVMFFIStaticObjectBegin) details::RetainStrong(view.v_obj);
  return view;
}

}  // namespace
}  // namespace kiln::runtime

extern "C" int TVMFFIAnyViewToOwnedAny(const TVMFFIAny* any_view, TVMFFIAny* out) {
  return kiln::SafeCall(
      [&] { *out = kiln::runtime::Owned(kiln::runtime::Required(any_view, "a value")); });
}
