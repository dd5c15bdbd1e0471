#include "jit/service/caught_error.h"

#include <exception>
#include <new>
#include <optional>
#include <string>

#include "jit/log.h"

namespace kiln::jit {

Error CaughtError() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error("MemoryError", "there is not enough memory to compile");
  } catch (const std::exception& error) {
    return Error("RuntimeError", error.what());
  } catch (...) {
    return Error("RuntimeError", "the compile threw an exception of a foreign type");
  }
}

Error CopyOf(const Error& error) {
  const std::optional<Error> cause = error.cause();
  return Error(error.kind(), error.message(), error.backtrace(), cause ? &*cause : nullptr,
               error.extra_context());
}

void CallHook(const std::function<void()>& hook) noexcept {
  std::string failure;
  try {
    return hook();
  } catch (const std::exception& error) {
    failure = error.what();
  } catch (...) {
    failure = "an exception of a foreign type";
  }
  Log(LogLevel::kError, "what was to be called after a compile threw " + failure);
}

}  // namespace kiln::jit
