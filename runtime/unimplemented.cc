// Functions of the ABI that this runtime does not offer. Each raises an error that says so.

#include <string>

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

namespace {

int Refuse(const char* function) {
  const char* parts[] = {function, " is not implemented in this runtime"};
  TVMFFIErrorSetRaisedFromCStrParts("NotImplementedError", parts, 2);
  return -1;
}

}  // namespace

extern "C" {

int TVMFFIBigIntFromByteArray(const TVMFFIByteArray*, TVMFFIAny*) { return Refuse(__func__); }

TVMFFIByteArray TVMFFIBigIntGetContentByteArray(const TVMFFIAny* value) {
  if (value->type_index == kTVMFFIInt) {
    return {reinterpret_cast<const char*>(&value->v_int64), sizeof(value->v_int64)};
  }
  Refuse(__func__);
  return {nullptr, 0};
}

int TVMFFITypeRegisterField(int32_t, const TVMFFIFieldInfo*) { return Refuse(__func__); }
int TVMFFITypeRegisterMethod(int32_t, const TVMFFIMethodInfo*) { return Refuse(__func__); }
int TVMFFITypeRegisterMetadata(int32_t, const TVMFFITypeMetadata*) { return Refuse(__func__); }
int TVMFFITypeRegisterAttr(int32_t, const TVMFFIByteArray*, const TVMFFIAny*) {
  return Refuse(__func__);
}
const TVMFFITypeAttrColumn* TVMFFIGetTypeAttrColumn(const TVMFFIByteArray*) { return nullptr; }

int TVMFFIEnvModLookupFromImports(TVMFFIObjectHandle, const char*, TVMFFIObjectHandle*) {
  return Refuse(__func__);
}
int TVMFFIEnvModRegisterSystemLibSymbol(const char*, void*) { return Refuse(__func__); }

}  // extern "C"
