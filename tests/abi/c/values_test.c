// Strings, bytes, and owned values made of views.
#include <string.h>

#include "check.h"

static TVMFFIAny View(int32_t type_index) {
  TVMFFIAny any;
  memset(&any, 0, sizeof(any));
  any.type_index = type_index;
  return any;
}

// A value that no function returns, so that what is left of it shows.
static TVMFFIAny Garbage(void) {
  TVMFFIAny any;
  memset(&any, 0x5a, sizeof(any));
  any.type_index = kTVMFFINone;
  return any;
}

static bool IsSmall(const TVMFFIAny* any, int32_t type_index, const char* text) {
  const size_t size = strlen(text);
  return any->type_index == type_index && any->small_str_len == size &&
         memcmp(any->v_bytes, text, size + 1) == 0;
}

// Whether `any` is a string or bytes object with this content and a NUL behind it. Releases it.
static bool TakeLarge(TVMFFIAny* any, int32_t type_index, const char* text) {
  if (any->type_index != type_index) return false;
  const TVMFFIByteArray* bytes = Cell(any->v_obj);
  const bool same = any->zero_padding == 0 && any->v_obj->type_index == type_index &&
                    Same(*bytes, text) && bytes->data[bytes->size] == '\0' &&
                    StrongCount(any->v_obj) == 1;
  TVMFFIObjectDecRef(any->v_obj);
  return same;
}

static void TestStrings(void) {
  TVMFFIAny out = Garbage();
  const TVMFFIByteArray empty = {NULL, 0}, seven = Bytes("1234567"), eight = Bytes("12345678");
  const TVMFFIByteArray with_nul = {"a\0b", 3}, not_utf8 = {"\xff\xfe", 2};

  CHECK("an empty string is small",
        TVMFFIStringFromByteArray(&empty, &out) == 0 && IsSmall(&out, kTVMFFISmallStr, ""));
  CHECK("a string of 7 bytes is small",
        TVMFFIStringFromByteArray(&seven, &out) == 0 && IsSmall(&out, kTVMFFISmallStr, "1234567"));
  out = Garbage();
  CHECK("a string of 8 bytes is an object",
        TVMFFIStringFromByteArray(&eight, &out) == 0 && TakeLarge(&out, kTVMFFIStr, "12345678"));
  CHECK("a string may contain NUL", TVMFFIStringFromByteArray(&with_nul, &out) == 0 &&
                                        out.small_str_len == 3 &&
                                        memcmp(out.v_bytes, "a\0b", 4) == 0);
  CHECK("a string need not be UTF-8", TVMFFIStringFromByteArray(&not_utf8, &out) == 0 &&
                                          IsSmall(&out, kTVMFFISmallStr, "\xff\xfe"));

  out = Garbage();
  CHECK("empty bytes are small",
        TVMFFIBytesFromByteArray(&empty, &out) == 0 && IsSmall(&out, kTVMFFISmallBytes, ""));
  CHECK("7 bytes are small",
        TVMFFIBytesFromByteArray(&seven, &out) == 0 && IsSmall(&out, kTVMFFISmallBytes, "1234567"));
  CHECK("8 bytes are an object",
        TVMFFIBytesFromByteArray(&eight, &out) == 0 && TakeLarge(&out, kTVMFFIBytes, "12345678"));
}

static bool StaysAsItIs(TVMFFIAny view) {
  TVMFFIAny out = Garbage();
  return TVMFFIAnyViewToOwnedAny(&view, &out) == 0 && memcmp(&view, &out, sizeof(out)) == 0;
}

static void TestPlainValues(void) {
  TVMFFIAny any = View(kTVMFFINone);
  CHECK("None stays as it is", StaysAsItIs(any));
  any = View(kTVMFFIInt);
  any.v_int64 = INT64_MIN;
  CHECK("an int stays as it is", StaysAsItIs(any));
  any = View(kTVMFFIBool);
  any.v_int64 = 1;
  CHECK("a bool stays as it is", StaysAsItIs(any));
  any = View(kTVMFFIFloat);
  any.v_float64 = -0.5;
  CHECK("a float stays as it is", StaysAsItIs(any));
  any = View(kTVMFFIOpaquePtr);
  any.v_ptr = &any;
  CHECK("an opaque pointer stays as it is", StaysAsItIs(any));
  any = View(kTVMFFIDataType);
  const DLDataType float32x4 = {kDLFloat, 32, 4};
  any.v_dtype = float32x4;
  CHECK("a dtype stays as it is", StaysAsItIs(any));
  any = View(kTVMFFIDevice);
  const DLDevice cuda3 = {kDLCUDA, 3};
  any.v_device = cuda3;
  CHECK("a device stays as it is", StaysAsItIs(any));
  any = View(kTVMFFIDLTensorPtr);
  DLTensor tensor;
  any.v_ptr = &tensor;
  CHECK("a DLTensor* stays borrowed", StaysAsItIs(any));
  any = View(kTVMFFISmallStr);
  any.small_str_len = 7;
  memcpy(any.v_bytes, "1234567", 8);
  CHECK("a small string stays as it is", StaysAsItIs(any));
  any.type_index = kTVMFFISmallBytes;
  CHECK("small bytes stay as they are", StaysAsItIs(any));
}

static void TestCopies(void) {
  TVMFFIAny out = Garbage(), any = View(kTVMFFIRawStr);
  any.v_c_str = "";
  CHECK("an empty C string becomes a small string",
        TVMFFIAnyViewToOwnedAny(&any, &out) == 0 && IsSmall(&out, kTVMFFISmallStr, ""));
  any.v_c_str = "1234567";
  CHECK("a C string of 7 bytes becomes a small string",
        TVMFFIAnyViewToOwnedAny(&any, &out) == 0 && IsSmall(&out, kTVMFFISmallStr, "1234567"));
  char text[] = "a longer string";
  any.v_c_str = text;
  TVMFFIAnyViewToOwnedAny(&any, &out);
  text[0] = 'A';
  CHECK("a longer C string is copied to a string object",
        TakeLarge(&out, kTVMFFIStr, "a longer string"));

  TVMFFIByteArray bytes = Bytes("1234567");
  any = View(kTVMFFIByteArrayPtr);
  any.v_ptr = &bytes;
  CHECK("a byte array of 7 bytes becomes small bytes",
        TVMFFIAnyViewToOwnedAny(&any, &out) == 0 && IsSmall(&out, kTVMFFISmallBytes, "1234567"));
  text[0] = 'a';
  bytes = Bytes(text);
  TVMFFIAnyViewToOwnedAny(&any, &out);
  text[0] = 'A';
  CHECK("a longer byte array is copied to a bytes object",
        TakeLarge(&out, kTVMFFIBytes, "a longer string"));
}

static void TestReferences(void) {
  const TVMFFIByteArray bytes = Bytes("shared string");
  TVMFFIAny string = Garbage(), out = Garbage();
  TVMFFIStringFromByteArray(&bytes, &string);
  TVMFFIObjectHandle object = string.v_obj;
  CHECK("an object gets one more reference", TVMFFIAnyViewToOwnedAny(&string, &out) == 0 &&
                                                 out.type_index == kTVMFFIStr &&
                                                 out.v_obj == object && StrongCount(object) == 2);
  TVMFFIObjectDecRef(object);

  TVMFFIObjectHandle source = object;
  TVMFFIAny rvalue = View(kTVMFFIObjectRValueRef);
  rvalue.v_ptr = &source;
  CHECK("an rvalue reference gives its reference away",
        TVMFFIAnyViewToOwnedAny(&rvalue, &out) == 0 && out.type_index == kTVMFFIStr &&
            out.v_obj == object && source == NULL && StrongCount(object) == 1);
  const TVMFFIAny before = out;
  CHECK("an rvalue reference cannot be moved from twice",
        TVMFFIAnyViewToOwnedAny(&rvalue, &out) != 0 && !NothingRaised());
  CHECK("a failure leaves the output as it was", memcmp(&before, &out, sizeof(out)) == 0);
  TVMFFIObjectDecRef(object);
}

void TestValues(void) {
  TestStrings();
  TestPlainValues();
  TestCopies();
  TestReferences();
}
