#include <string>

#include <gtest/gtest.h>

#include "tests/jit/link/event_log.h"
#include "tests/jit/link/load.h"

namespace kiln::jit {
namespace {

TEST(Initializers, ConstructorsRunAtLoadAndDestructorsAtUnloadByPriority) {
  Log().clear();
  auto image = LoadC(
      "void kiln_test_log(char);\n"
      "__attribute__((constructor(102))) static void b(void) { kiln_test_log('b'); }\n"
      "__attribute__((constructor)) static void c(void) { kiln_test_log('c'); }\n"
      "__attribute__((constructor(101))) static void a(void) { kiln_test_log('a'); }\n"
      "__attribute__((destructor(101))) static void z(void) { kiln_test_log('z'); }\n"
      "__attribute__((destructor)) static void x(void) { kiln_test_log('x'); }\n"
      "__attribute__((destructor(102))) static void y(void) { kiln_test_log('y'); }\n");
  EXPECT_EQ(Log(), "abc");
  image.reset();
  EXPECT_EQ(Log(), "abcxyz");
}

TEST(Initializers, UnloadRunsWhatAtexitRegistered) {
  Log().clear();
  auto image = LoadC(
      "void kiln_test_log(char);\n"
      "extern void* __dso_handle __attribute__((visibility(\"hidden\")));\n"
      "int __cxa_atexit(void (*)(void*), void*, void*);\n"
      "static void bye(void* c) { kiln_test_log((char)(long)c); }\n"
      "void f(void) {\n"
      "  __cxa_atexit(bye, (void*)'1', &__dso_handle);\n"
      "  __cxa_atexit(bye, (void*)'2', &__dso_handle);\n"
      "}\n");
  FunctionOf<void()>(*image, "f")();
  EXPECT_EQ(Log(), "");
  EXPECT_EQ(image->Find("__kiln.init_array.0"), nullptr);
  image.reset();
  EXPECT_EQ(Log(), "21");
}

TEST(Initializers, AFailedLinkRunsNone) {
  Log().clear();
  const Thrown thrown = ThrownBy([] {
    LoadC(
        "void kiln_test_log(char); int absent(void);\n"
        "__attribute__((constructor)) static void c(void) { kiln_test_log('c'); }\n"
        "__attribute__((destructor)) static void d(void) { kiln_test_log('d'); }\n"
        "int f(void) { return absent(); }\n");
  });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(Log(), "");
}

}  // namespace
}  // namespace kiln::jit
