#include <stdio.h>
#include <string.h>

#include "check.h"

// Our headers must not be picked up where the reference's are under test, nor the other way round.
#if defined(KILN_DLPACK_H_) == defined(KILN_TEST_REFERENCE_HEADERS)
#error "the headers found are not the ones that this target is to be compiled with"
#endif

static int g_checks = 0;
static int g_failures = 0;
static char g_found[512] = "";

void Check(bool holds, const char* name, const char* condition, int line) {
  ++g_checks;
  if (holds) {
    printf("ok - %s\n", name);
  } else {
    ++g_failures;
    printf("not ok - %s: line %d, %s%s\n", name, line, condition, g_found);
  }
  g_found[0] = '\0';
}

bool Raised(const char* kind, const char* part) {
  TVMFFIObjectHandle error = NULL;
  TVMFFIErrorMoveFromRaised(&error);
  if (error == NULL) {
    snprintf(g_found, sizeof(g_found), ", but no error was raised");
    return false;
  }
  const TVMFFIErrorCell* cell = Cell(error);
  const bool as_expected = Same(cell->kind, kind) && strstr(cell->message.data, part) != NULL;
  if (!as_expected) {
    snprintf(g_found, sizeof(g_found), ", but the error was %.*s: %.*s", (int)cell->kind.size,
             cell->kind.data, (int)cell->message.size, cell->message.data);
  }
  TVMFFIObjectDecRef(error);
  return as_expected;
}

bool NothingRaised(void) {
  TVMFFIObjectHandle error = NULL;
  TVMFFIErrorMoveFromRaised(&error);
  if (error == NULL) return true;
  TVMFFIObjectDecRef(error);
  return false;
}

TVMFFIByteArray Bytes(const char* text) {
  const TVMFFIByteArray bytes = {text, strlen(text)};
  return bytes;
}

bool Same(TVMFFIByteArray bytes, const char* text) {
  return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

static void TestVersion(void) {
  TVMFFIVersion version = {9, 9, 9};
  TVMFFIGetVersion(&version);
  CHECK("the library has the version of the headers", version.major == TVM_FFI_VERSION_MAJOR &&
                                                          version.minor == TVM_FFI_VERSION_MINOR &&
                                                          version.patch == TVM_FFI_VERSION_PATCH);
}

int main(void) {
  TestVersion();
  TestObjects();
  TestFunctions();
  TestErrors();
  TestValues();
  TestDataTypes();
  TestTensors();
  TestEnvironment();
  CHECK("no check leaves an error behind", NothingRaised());
  printf("%d checks, %d failed\n", g_checks, g_failures);
  return g_failures == 0 ? 0 : 1;
}
