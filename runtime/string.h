// Makes the ABI's strings and bytes from text.
#ifndef KILN_RUNTIME_STRING_H_
#define KILN_RUNTIME_STRING_H_

#include <string_view>

#include <tvm/ffi/c_api.h>

namespace kiln::runtime {

// A string or bytes object of its own, whatever the length: header, TVMFFIByteArray, the text, and
// a terminating zero that does not count. The caller owns one strong count. Throws std::bad_alloc.
TVMFFIObject* MakeStringObject(std::string_view text);
TVMFFIObject* MakeBytesObject(std::string_view bytes);

// The owned value: inline up to seven bytes, an object beyond. Throws std::bad_alloc.
TVMFFIAny MakeString(std::string_view text);
TVMFFIAny MakeBytes(std::string_view bytes);

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_STRING_H_
