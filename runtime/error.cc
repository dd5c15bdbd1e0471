#include "runtime/error.h"

#include <cstddef>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include <kiln/error.h>
#include <kiln/make_object.h>

#include "runtime/backtrace.h"

namespace kiln::runtime {
namespace {

// An error that owns its text.
class TextErrorObj : public ErrorObj {
 public:
  TextErrorObj(std::string_view kind_text, std::string_view message_text,
               std::string_view backtrace_text, TVMFFIObjectHandle cause,
               TVMFFIObjectHandle context)
      : kind_text_(kind_text), message_text_(message_text), backtrace_text_(backtrace_text) {
    kind = details::ByteArrayOf(kind_text_);
    message = details::ByteArrayOf(message_text_);
    backtrace = details::ByteArrayOf(backtrace_text_);
    update_backtrace = &UpdateBacktrace;
    cause_chain = Retained(cause);
    extra_context = Retained(context);
  }
  ~TextErrorObj() {
    TVMFFIObjectDecRef(extra_context);
    ReleaseCauses();
  }

 private:
  static TVMFFIObjectHandle Retained(TVMFFIObjectHandle handle) noexcept {
    if (handle != nullptr) details::RetainStrong(static_cast<TVMFFIObject*>(handle));
    return handle;
  }

  // Takes a chain of causes apart in a loop, so that a long one needs no deep stack: an error that
  // dies with this one hands over its own cause first.
  void ReleaseCauses() noexcept {
    auto* cause = static_cast<TVMFFIObject*>(cause_chain);
    while (cause != nullptr) {
      TVMFFIObjectHandle next = nullptr;
      const bool is_last_reference =
          __atomic_load_n(&cause->combined_ref_count, __ATOMIC_ACQUIRE) ==
          (details::kStrongOne | details::kWeakOne);
      if (is_last_reference && cause->deleter == header()->deleter) {
        next = std::exchange(
            static_cast<TextErrorObj*>(static_cast<Object*>(static_cast<void*>(cause)))
                ->cause_chain,
            nullptr);
      }
      details::ReleaseStrong(cause);
      cause = static_cast<TVMFFIObject*>(next);
    }
  }

  // Keeps the old backtrace where memory runs out.
  static void UpdateBacktrace(TVMFFIObjectHandle self, const TVMFFIByteArray* text, int32_t mode) {
    auto* error = static_cast<TextErrorObj*>(static_cast<Object*>(self));
    const std::lock_guard lock(error->backtrace_mutex_);
    try {
      if (mode == kTVMFFIBacktraceUpdateModeReplace) {
        error->backtrace_text_.assign(details::ViewOf(*text));
      } else {
        error->backtrace_text_.append(details::ViewOf(*text));
      }
    } catch (const std::exception&) {
      return;
    }
    error->backtrace = details::ByteArrayOf(error->backtrace_text_);
  }

  const std::string kind_text_;
  const std::string message_text_;
  std::string backtrace_text_;
  std::mutex backtrace_mutex_;
};

// The thread is making an error. An allocator that has no memory for it says so with an error, for
// which there is none either.
constinit thread_local bool making_error = false;

template <typename... Args>
TVMFFIObject* MakeError(Args&&... args) {
  if (making_error) throw std::bad_alloc();
  struct Mark {
    Mark() noexcept { making_error = true; }
    ~Mark() { making_error = false; }
  } const mark;
  return MakeObject<TextErrorObj>(std::forward<Args>(args)...).release_handle();
}

// What is raised when there is no memory for an error. Lives forever, shared by all threads.
struct StaticError {
  TVMFFIObjectAllocHeader space;
  TVMFFIObject header;
  TVMFFIErrorCell cell;
};
static_assert(offsetof(StaticError, header) == sizeof(TVMFFIObjectAllocHeader));
void KeepBacktrace(TVMFFIObjectHandle, const TVMFFIByteArray*, int32_t) {}
constinit StaticError out_of_memory{
    {nullptr},
    {details::kStrongOne | details::kWeakOne, kTVMFFIError, 0, {nullptr}},
    {{"MemoryError", 11}, {"out of memory", 13}, {"", 0}, &KeepBacktrace, nullptr, nullptr}};

// A plain pointer, so that it can be used at any moment of a thread's life.
constinit thread_local TVMFFIObject* raised = nullptr;

struct ReleaseAtThreadEnd {
  ~ReleaseAtThreadEnd() { TVMFFIErrorSetRaised(nullptr); }
  void Arm() noexcept {}
};
thread_local ReleaseAtThreadEnd release_at_thread_end;

// Takes over the strong count of `error`.
void Raise(TVMFFIObject* error) noexcept {
  if (error != nullptr) release_at_thread_end.Arm();
  TVMFFIObject* before = std::exchange(raised, error);
  if (before != nullptr) details::ReleaseStrong(before);
}

void RaiseText(const char* kind, std::string_view message) {
  const std::string backtrace = CaptureBacktrace(/*cross_ffi_boundary=*/false);
  Raise(MakeError(kind == nullptr ? "RuntimeError" : kind, message, backtrace, nullptr, nullptr));
}

void RaiseOutOfMemory() noexcept {
  details::RetainStrong(&out_of_memory.header);
  Raise(&out_of_memory.header);
}

std::string_view ViewOrEmpty(const TVMFFIByteArray* bytes) noexcept {
  return bytes == nullptr || bytes->data == nullptr ? std::string_view() : details::ViewOf(*bytes);
}

}  // namespace

bool ErrorIsRaised() noexcept { return raised != nullptr; }

}  // namespace kiln::runtime

extern "C" {

void TVMFFIErrorMoveFromRaised(TVMFFIObjectHandle* result) {
  *result = std::exchange(kiln::runtime::raised, nullptr);
}

void TVMFFIErrorSetRaised(TVMFFIObjectHandle error) {
  auto* object = static_cast<TVMFFIObject*>(error);
  if (object != nullptr) kiln::details::RetainStrong(object);
  kiln::runtime::Raise(object);
}

void TVMFFIErrorSetRaisedFromCStr(const char* kind, const char* message) {
  TVMFFIErrorSetRaisedFromCStrParts(kind, &message, 1);
}

void TVMFFIErrorSetRaisedFromCStrParts(const char* kind, const char** message_parts,
                                       int32_t num_parts) {
  try {
    std::string message;
    for (int32_t i = 0; message_parts != nullptr && i < num_parts; ++i) {
      if (message_parts[i] != nullptr) message += message_parts[i];
    }
    kiln::runtime::RaiseText(kind, message);
  } catch (const std::exception&) {
    kiln::runtime::RaiseOutOfMemory();
  }
}

int TVMFFIErrorCreate(const TVMFFIByteArray* kind, const TVMFFIByteArray* message,
                      const TVMFFIByteArray* backtrace, TVMFFIObjectHandle* out) {
  return TVMFFIErrorCreateWithCauseAndExtraContext(kind, message, backtrace, nullptr, nullptr, out);
}

int TVMFFIErrorCreateWithCauseAndExtraContext(
    const TVMFFIByteArray* kind, const TVMFFIByteArray* message, const TVMFFIByteArray* backtrace,
    TVMFFIObjectHandle cause_chain, TVMFFIObjectHandle extra_context, TVMFFIObjectHandle* out) {
  using kiln::runtime::ViewOrEmpty;
  try {
    *out = kiln::runtime::MakeError(ViewOrEmpty(kind), ViewOrEmpty(message), ViewOrEmpty(backtrace),
                                    cause_chain, extra_context);
    return 0;
  } catch (const std::exception&) {
    return -1;
  }
}

}  // extern "C"
