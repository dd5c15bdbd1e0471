// The spelling of dtypes.
#include <stdio.h>
#include <string.h>

#include "check.h"

typedef struct {
  const char* text;
  DLDataType dtype;
  const char* printed;  // NULL: as `text`
} Spelling;

static const Spelling kAccepted[] = {
    {"int8", {kDLInt, 8, 1}, NULL},
    {"int64", {kDLInt, 64, 1}, NULL},
    {"uint1", {kDLUInt, 1, 1}, NULL},
    {"uint8", {kDLUInt, 8, 1}, NULL},
    {"float16", {kDLFloat, 16, 1}, NULL},
    {"float32", {kDLFloat, 32, 1}, NULL},
    {"float64", {kDLFloat, 64, 1}, NULL},
    {"bfloat16", {kDLBfloat, 16, 1}, NULL},
    {"bool", {kDLBool, 8, 1}, NULL},
    {"bool1", {kDLBool, 1, 1}, NULL},
    {"handle", {kDLOpaqueHandle, 64, 1}, NULL},
    {"", {kDLOpaqueHandle, 0, 0}, NULL},
    {"void", {kDLOpaqueHandle, 0, 0}, ""},
    // Any number of bits up to 255.
    {"int33", {kDLInt, 33, 1}, NULL},
    {"int255", {kDLInt, 255, 1}, NULL},
    // Narrow floats have a name instead.
    {"float8_e3m4", {kDLFloat8_e3m4, 8, 1}, NULL},
    {"float8_e4m3", {kDLFloat8_e4m3, 8, 1}, NULL},
    {"float8_e4m3b11fnuz", {kDLFloat8_e4m3b11fnuz, 8, 1}, NULL},
    {"float8_e4m3fn", {kDLFloat8_e4m3fn, 8, 1}, NULL},
    {"float8_e4m3fnuz", {kDLFloat8_e4m3fnuz, 8, 1}, NULL},
    {"float8_e5m2", {kDLFloat8_e5m2, 8, 1}, NULL},
    {"float8_e5m2fnuz", {kDLFloat8_e5m2fnuz, 8, 1}, NULL},
    {"float8_e8m0fnu", {kDLFloat8_e8m0fnu, 8, 1}, NULL},
    {"float6_e2m3fn", {kDLFloat6_e2m3fn, 6, 1}, NULL},
    {"float6_e3m2fn", {kDLFloat6_e3m2fn, 6, 1}, NULL},
    {"float4_e2m1fn", {kDLFloat4_e2m1fn, 4, 1}, NULL},
    // Lanes.
    {"int8x4", {kDLInt, 8, 4}, NULL},
    {"boolx4", {kDLBool, 8, 4}, NULL},
    {"bfloat16x8", {kDLBfloat, 16, 8}, NULL},
    {"float8_e4m3fnx4", {kDLFloat8_e4m3fn, 8, 4}, NULL},
    {"float4_e2m1fnx2", {kDLFloat4_e2m1fn, 4, 2}, NULL},
    {"float4_e2m1fn_x2", {kDLFloat4_e2m1fn, 4, 2}, "float4_e2m1fnx2"},
    {"int8x1", {kDLInt, 8, 1}, "int8"},
    {"int32xvscalex4", {kDLInt, 32, (uint16_t)-4}, NULL},
    // Without bits.
    {"int", {kDLInt, 32, 1}, "int32"},
    {"uint", {kDLUInt, 32, 1}, "uint32"},
    {"float", {kDLFloat, 32, 1}, "float32"},
    {"bfloat", {kDLBfloat, 16, 1}, "bfloat16"},
    // Short forms.
    {"i8", {kDLInt, 8, 1}, "int8"},
    {"u8", {kDLUInt, 8, 1}, "uint8"},
    {"f32", {kDLFloat, 32, 1}, "float32"},
    {"f32x4", {kDLFloat, 32, 4}, "float32x4"},
    {"bf16", {kDLBfloat, 16, 1}, "bfloat16"},
    {"f8_e4m3fn", {kDLFloat8_e4m3fn, 8, 1}, "float8_e4m3fn"},
    {"fp8_e5m2", {kDLFloat8_e5m2, 8, 1}, "float8_e5m2"},
    {"f6_e2m3fn", {kDLFloat6_e2m3fn, 6, 1}, "float6_e2m3fn"},
    {"fp4_e2m1fn", {kDLFloat4_e2m1fn, 4, 1}, "float4_e2m1fn"},
};

static const char* const kRejected[] = {
    "foo",
    "complex64",
    "half",
    "double",
    "boolean",
    "INT8",
    " int8",
    "int8 ",
    "int-8",
    "int8y",
    "int256",
    "int8x",
    "int8x0",
    "int8x65536",
    "int8x2x2",
    "x4",
    "i",
    "f",
    "bf",
    "int8xvscalex",
    "float8_",
    "float8_e9m9",
    "float8_e4m3fn_x2",
    "float8_e4m3fnxvscalex2",
    "4294967296",
};

static bool SameDataType(DLDataType a, DLDataType b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

static bool Prints(DLDataType dtype, const char* text) {
  TVMFFIAny out;
  memset(&out, 0x5a, sizeof(out));
  if (TVMFFIDataTypeToString(&dtype, &out) != 0 || out.type_index != kTVMFFIStr) return false;
  const bool same = Same(*(TVMFFIByteArray*)Cell(out.v_obj), text) && StrongCount(out.v_obj) == 1;
  TVMFFIObjectDecRef(out.v_obj);
  return same;
}

void TestDataTypes(void) {
  char name[96];
  const DLDataType untouched = {200, 201, 202};
  for (size_t i = 0; i < sizeof(kAccepted) / sizeof(kAccepted[0]); ++i) {
    const Spelling* spelling = &kAccepted[i];
    const TVMFFIByteArray text = Bytes(spelling->text);
    DLDataType dtype = untouched;
    snprintf(name, sizeof(name), "\"%s\" is read as a dtype", spelling->text);
    CHECK(name,
          TVMFFIDataTypeFromString(&text, &dtype) == 0 && SameDataType(dtype, spelling->dtype));
    const char* printed = spelling->printed == NULL ? spelling->text : spelling->printed;
    snprintf(name, sizeof(name), "\"%s\" is written as \"%s\"", spelling->text, printed);
    CHECK(name, Prints(spelling->dtype, printed));
  }
  for (size_t i = 0; i < sizeof(kRejected) / sizeof(kRejected[0]); ++i) {
    const TVMFFIByteArray text = Bytes(kRejected[i]);
    DLDataType dtype = untouched;
    snprintf(name, sizeof(name), "\"%s\" is no dtype", kRejected[i]);
    CHECK(name, TVMFFIDataTypeFromString(&text, &dtype) != 0 && Raised("ValueError", "") &&
                    SameDataType(dtype, untouched));
  }
  const TVMFFIByteArray prefix = {"float32x4", 7}, with_nul = {"int8\0", 5};
  DLDataType dtype = untouched;
  CHECK("a dtype ends at its size",
        TVMFFIDataTypeFromString(&prefix, &dtype) == 0 && SameDataType(dtype, kAccepted[5].dtype));
  CHECK("a NUL is no part of a dtype",
        TVMFFIDataTypeFromString(&with_nul, &dtype) != 0 && Raised("ValueError", ""));

  const DLDataType unknown = {100, 8, 1};
  TVMFFIAny out;
  CHECK("a code without a name cannot be written",
        TVMFFIDataTypeToString(&unknown, &out) != 0 && Raised("ValueError", ""));
}
