#include <cxxabi.h>

#include "jit/compile/llvm/packed_support.h"
#include "kiln/error.h"

extern "C" int kiln_packed_raise_exception(void* exception) {
  abi::__cxa_begin_catch(exception);
  kiln::details::RaiseCurrentException();
  abi::__cxa_end_catch();
  return -1;
}
