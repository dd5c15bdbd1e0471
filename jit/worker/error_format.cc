#include "jit/worker/error_format.h"

#include <optional>
#include <string_view>
#include <vector>

#include "kiln/string.h"

namespace kiln::jit {
namespace {

constexpr size_t kMostCauses = 100;

std::vector<kiln::Error> WithCauses(const kiln::Error& error) {
  std::vector<kiln::Error> chain = {error};
  while (chain.size() < kMostCauses) {
    const std::optional<kiln::Error> cause = chain.back().cause();
    if (!cause) break;
    chain.push_back(*cause);
  }
  return chain;
}

std::string_view ContextOf(const kiln::Error& error) {
  const TVMFFIObjectHandle context = error.get()->extra_context;
  if (context == nullptr || TVMFFIObjectGetTypeIndex(context) != kTVMFFIStr) return {};
  return kiln::details::ViewOf(*TVMFFIBytesGetByteArrayPtr(context));
}

// Text in an object of its own, however short it is.
ObjectRef TextObject(std::string_view text) {
  if (text.empty()) return {};
  const TVMFFIByteArray bytes{text.data(), text.size()};
  TVMFFIAny any{};
  CheckCall(TVMFFIStringFromByteArray(&bytes, &any));
  if (any.type_index != kTVMFFIStr) return {};
  return ObjectRef(ObjectPtr<Object>::AdoptHandle(any.v_obj));
}

}  // namespace

void PutError(const kiln::Error& error, ByteWriter* writer) {
  const std::vector<kiln::Error> chain = WithCauses(error);
  writer->Put(chain.size());
  for (auto link = chain.rbegin(); link != chain.rend(); ++link) {
    writer->Put(link->kind());
    writer->Put(link->message());
    writer->Put(link->backtrace());
    writer->Put(ContextOf(*link));
  }
}

kiln::Error GetError(ByteReader* reader) {
  const uint64_t count = reader->Count();
  if (count == 0 || count > kMostCauses) reader->Refuse("it has an error without a kind");
  std::optional<kiln::Error> error;
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view kind = reader->Text();
    const std::string_view message = reader->Text();
    const std::string_view backtrace = reader->Text();
    const ObjectRef context = TextObject(reader->Text());
    error = kiln::Error(kind, message, backtrace, error ? &*error : nullptr, context);
  }
  return *error;
}

}  // namespace kiln::jit
