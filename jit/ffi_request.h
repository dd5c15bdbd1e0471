#ifndef KILN_JIT_FFI_REQUEST_H_
#define KILN_JIT_FFI_REQUEST_H_

#include <string>

#include "jit/session.h"
#include "kiln/any.h"
#include "kiln/function.h"

namespace kiln::jit {

// Whether the value is a Map or a Dict.
bool IsMapping(AnyView value);

// A request as it is read from values of the ABI. What it throws says what was wrong with them.
class RequestReader {
 public:
  // `source` is a text, bytes, or a map of names to such, and outlives the reader.
  explicit RequestReader(AnyView source) : source_(source) {}

  // Sets an option of the option table, or `name`, `language` or `link`. Throws KeyError for an
  // unknown name, TypeError for a value of another type, ValueError for one out of range.
  void Set(const std::string& name, AnyView value);

  // The request; once. Throws TypeError or ValueError where the source is none.
  Request Take();

 private:
  void AddLinked(AnyView value);

  AnyView source_;
  std::string name_;
  std::string language_;
  Request request_;
};

// The request of a call: a source, and then a map of options, or pairs of option and value. Throws
// as RequestReader does, and TypeError where there are other arguments.
Request ReadRequest(PackedArgs args);

}  // namespace kiln::jit

#endif  // KILN_JIT_FFI_REQUEST_H_
