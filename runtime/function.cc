#include <string>

#include <kiln/function.h>
#include <kiln/make_object.h>

#include "runtime/error.h"

namespace kiln::runtime {
namespace {

// What a callee returns that has left its error with another environment (Python's own).
constexpr int kErrorIsElsewhere = -2;

// A function of C: a callback, and what it is called with.
class CallbackObj : public FunctionObj {
 public:
  // A callback without anything of its own is the entry point itself: no detour on the way to it.
  CallbackObj(void* self, TVMFFISafeCallType callback, void (*deleter)(void*)) noexcept
      : FunctionObj(self == nullptr && deleter == nullptr ? callback : &Call),
        self_(self),
        callback_(callback),
        deleter_(deleter) {}
  ~CallbackObj() {
    if (deleter_ != nullptr) deleter_(self_);
  }

 private:
  static int Call(void* handle, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
    const auto* function = static_cast<CallbackObj*>(static_cast<Object*>(handle));
    return function->callback_(function->self_, args, num_args, result);
  }

  void* const self_;
  const TVMFFISafeCallType callback_;
  void (*const deleter_)(void*);
};

[[gnu::cold, gnu::noinline]] int Fail(int code) noexcept {
  if (code == kErrorIsElsewhere || ErrorIsRaised()) return code;
  SafeCall([&] {
    throw Error("InternalError", "a function returned " + std::to_string(code) +
                                     " (failure) without raising an error");
  });
  return code;
}

}  // namespace
}  // namespace kiln::runtime

extern "C" {

int TVMFFIFunctionCreate(void* self, TVMFFISafeCallType safe_call, void (*deleter)(void* self),
                         TVMFFIObjectHandle* out) {
  return kiln::SafeCall([&] {
    if (safe_call == nullptr) {
      throw kiln::Error("ValueError", "TVMFFIFunctionCreate needs a callback, got null");
    }
    *out = kiln::MakeObject<kiln::runtime::CallbackObj>(self, safe_call, deleter).release_handle();
  });
}

int TVMFFIFunctionCall(TVMFFIObjectHandle func, TVMFFIAny* args, int32_t num_args,
                       TVMFFIAny* result) {
  if (func == nullptr) [[unlikely]] {
    TVMFFIErrorSetRaisedFromCStr("ValueError", "TVMFFIFunctionCall needs a function, got null");
    return -1;
  }
  const int code = TVMFFIFunctionGetCellPtr(func)->safe_call(func, args, num_args, result);
  if (code != 0) [[unlikely]] {
    return kiln::runtime::Fail(code);
  }
  return 0;
}

}  // extern "C"
