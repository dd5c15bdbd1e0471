// Errors: one class, `kiln::Error`, for all that can go wrong on either side of the ABI.
//
// Inside C++ an error is thrown. At a C boundary it becomes the thread's raised error and a return
// code (`SafeCall`), and after a failed C call it becomes an exception again (`CheckCall`). Kind,
// message, backtrace, cause and extra context survive the trip, whatever languages lie between.
#ifndef KILN_ERROR_H_
#define KILN_ERROR_H_

#include <exception>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kiln/object.h"

namespace kiln {

// The data: the header, then the cell that every language reads.
class ErrorObj : public Object, public TVMFFIErrorCell {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIError;
};

namespace details {

inline std::string_view ViewOf(const TVMFFIByteArray& bytes) noexcept {
  return {bytes.data, bytes.size};
}
inline TVMFFIByteArray ByteArrayOf(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

// The parts of a message, one after the other.
[[gnu::noinline, gnu::cold]] inline std::string Concat(
    std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  return text;
}

}  // namespace details

// A reference to an error object, and the exception that carries it. Never null.
//
// `kind` is the name that languages map to their own classes: "TypeError", "ValueError",
// "IndexError", "RuntimeError", "CompileError", ... Copying shares the object.
class Error : public ObjectRef, public std::exception {
 public:
  using ContainerType = ErrorObj;

  // Throws std::bad_alloc when the object can't be made.
  Error(std::string_view kind, std::string_view message, std::string_view backtrace = {})
      : Error(kind, message, backtrace, nullptr, ObjectRef()) {}

  // `cause` is the error that led to this one, `extra_context` any object that tells more.
  Error(std::string_view kind, std::string_view message, std::string_view backtrace,
        const Error* cause, const ObjectRef& extra_context)
      : ObjectRef(Create(kind, message, backtrace, cause, extra_context)) {}

  explicit Error(ObjectPtr<ErrorObj> object) noexcept : ObjectRef(std::move(object)) {}

  // Moving copies too, so that no Error is ever null.
  Error(const Error& other) noexcept : ObjectRef(other), std::exception(other) {}
  Error& operator=(const Error& other) noexcept {
    ObjectRef::operator=(other);
    return *this;
  }

  ErrorObj* get() const noexcept { return static_cast<ErrorObj*>(ObjectRef::get()); }

  // The views live as long as the error object; `backtrace` until the next AppendBacktrace.
  std::string_view kind() const noexcept { return details::ViewOf(get()->kind); }
  std::string_view message() const noexcept { return details::ViewOf(get()->message); }
  // Most recent call first, one line a frame. Empty where none was taken.
  std::string_view backtrace() const noexcept { return details::ViewOf(get()->backtrace); }

  std::optional<Error> cause() const {
    if (get()->cause_chain == nullptr) return std::nullopt;
    return Error(ObjectPtr<ErrorObj>::ShareHandle(get()->cause_chain));
  }
  // Null where there is none.
  ObjectRef extra_context() const {
    return ObjectRef(ObjectPtr<Object>::ShareHandle(get()->extra_context));
  }

  void AppendBacktrace(std::string_view lines) const {
    if (get()->update_backtrace == nullptr) return;
    const TVMFFIByteArray bytes = details::ByteArrayOf(lines);
    get()->update_backtrace(handle(), &bytes, kTVMFFIBacktraceUpdateModeAppend);
  }

  // "kind: message", alive as long as this exception. Not for two threads at once.
  const char* what() const noexcept override {
    try {
      what_.assign(kind()).append(": ").append(message());
      return what_.c_str();
    } catch (...) {
      return "kiln::Error (out of memory while formatting)";
    }
  }

 private:
  static ObjectPtr<Object> Create(std::string_view kind, std::string_view message,
                                  std::string_view backtrace, const Error* cause,
                                  const ObjectRef& extra_context) {
    const TVMFFIByteArray kind_bytes = details::ByteArrayOf(kind);
    const TVMFFIByteArray message_bytes = details::ByteArrayOf(message);
    const TVMFFIByteArray backtrace_bytes = details::ByteArrayOf(backtrace);
    TVMFFIObjectHandle handle = nullptr;
    if (TVMFFIErrorCreateWithCauseAndExtraContext(&kind_bytes, &message_bytes, &backtrace_bytes,
                                                  cause == nullptr ? nullptr : cause->handle(),
                                                  extra_context.handle(), &handle) != 0) {
      throw std::bad_alloc();
    }
    return ObjectPtr<Object>::AdoptHandle(handle);
  }

  mutable std::string what_;
};

// Throws the error that the last failed C call of this thread raised. A callee that failed without
// raising one becomes an InternalError that says so.
[[noreturn]] inline void ThrowRaised() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  if (handle == nullptr) {
    throw Error("InternalError", "a call returned failure without raising an error");
  }
  throw Error(ObjectPtr<ErrorObj>::AdoptHandle(handle));
}

// Turns the return code of a C function of the ABI into an exception.
inline void CheckCall(int code) {
  if (code != 0) [[unlikely]] {
    ThrowRaised();
  }
}

namespace details {

// Raises the exception that is being handled as this thread's error. Call inside a catch block.
[[gnu::noinline, gnu::cold]] inline void RaiseCurrentException() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    TVMFFIErrorSetRaised(error.handle());
  } catch (const std::bad_alloc&) {
    TVMFFIErrorSetRaisedFromCStr("MemoryError", "out of memory");
  } catch (const std::exception& error) {
    TVMFFIErrorSetRaisedFromCStr("InternalError", error.what());
  } catch (...) {
    TVMFFIErrorSetRaisedFromCStr("InternalError", "an exception of a foreign type was thrown");
  }
}

}  // namespace details

// Runs `body` and returns 0, or raises what it throws and returns -1: the body of every function
// that C calls. Nothing leaves it.
template <typename Body>
int SafeCall(Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return 0;
  } catch (...) {
    details::RaiseCurrentException();
    return -1;
  }
}

}  // namespace kiln

#endif  // KILN_ERROR_H_
