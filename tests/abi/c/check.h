// A test program in plain C: each check prints one line, `ok - name` or `not ok - name: why`.
#ifndef KILN_TESTS_ABI_C_CHECK_H_
#define KILN_TESTS_ABI_C_CHECK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

// `name` reads as the sentence that the condition proves.
#define CHECK(name, condition) Check((condition), (name), #condition, __LINE__)
void Check(bool holds, const char* name, const char* condition, int line);

// Takes the raised error and says whether it is of that kind and its message contains `part`. If
// not, the check that fails next prints what was raised.
bool Raised(const char* kind, const char* part);

// Takes the raised error and says whether there was none.
bool NothingRaised(void);

// A byte array over a string, without its NUL.
TVMFFIByteArray Bytes(const char* text);

// Whether a byte array has this content.
bool Same(TVMFFIByteArray bytes, const char* text);

// What follows the head of an object.
static inline void* Cell(TVMFFIObjectHandle object) { return (TVMFFIObject*)object + 1; }

// The number of strong and of weak references.
static inline uint32_t StrongCount(TVMFFIObjectHandle object) {
  return (uint32_t)((TVMFFIObject*)object)->combined_ref_count;
}
static inline uint32_t WeakCount(TVMFFIObjectHandle object) {
  return (uint32_t)(((TVMFFIObject*)object)->combined_ref_count >> 32);
}

// The groups of checks, one a file.
void TestObjects(void);
void TestFunctions(void);
void TestErrors(void);
void TestValues(void);
void TestDataTypes(void);
void TestTensors(void);
void TestEnvironment(void);

#endif  // KILN_TESTS_ABI_C_CHECK_H_
