// Leading headers are parsed once, and never stand for others than those that are there.
#include "jit/compile/clang/precompiled_headers.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "jit/compile/clang/include_prefix.h"
#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

std::string PrefixOf(std::string_view text) {
  return std::string(text.substr(0, FindIncludePrefix(text).size));
}

TEST(IncludePrefix, EndsBehindTheLastLeadingInclude) {
  EXPECT_EQ(PrefixOf("#include <a>\nint x;\n#include <b>\n"), "#include <a>");
  EXPECT_EQ(PrefixOf("// c\n/* d\n */ #include <a>\n\n# include \"b\"\n#define N 1\nint x;"),
            "// c\n/* d\n */ #include <a>\n\n# include \"b\"");
  EXPECT_EQ(PrefixOf("#define N \\\n  1\n#include <a>\n"), "#define N \\\n  1\n#include <a>");
  EXPECT_EQ(PrefixOf("#include <a>"), "#include <a>");
}

TEST(IncludePrefix, StopsAtWhatItDoesNotKnow) {
  EXPECT_EQ(PrefixOf(""), "");
  EXPECT_EQ(PrefixOf("int x;\n#include <a>"), "");
  EXPECT_EQ(PrefixOf("#include <a>\n#if X\n#include <b>\n#endif"), "#include <a>");
  EXPECT_EQ(PrefixOf("#pragma once\n#include <a>"), "");
  EXPECT_EQ(PrefixOf("#include MACRO\n#include <a>"), "");
  EXPECT_EQ(PrefixOf("#include <a> /* x\n */ int y;"), "");
  EXPECT_EQ(PrefixOf("/* never closed #include <a>"), "");
}

TEST(IncludePrefix, DependsOnTheNameWhereTheNameIsSeen) {
  EXPECT_FALSE(FindIncludePrefix("#include <a>\n#define N\n").depends_on_name);
  EXPECT_TRUE(FindIncludePrefix("#include \"a\"\n").depends_on_name);
  EXPECT_TRUE(FindIncludePrefix("#define N\n#include <a>\n").depends_on_name);
}

TEST(IncludePrefix, ABlankedSourceKeepsItsLines) {
  EXPECT_EQ(Blanked("#a\r\n#b\nint", 6), "  \r\n  \nint");
}

TEST(PrecompiledHeaders, BuildsOnceForManyThreads) {
  PrecompiledHeaders headers;
  std::atomic<int> builds = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto header = headers.Get("key", [&] {
        ++builds;
        PrecompiledHeader built;
        built.bytes = "pch";
        return built;
      });
      EXPECT_EQ(header->bytes, "pch");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(builds, 1);
}

TEST(PrecompiledHeaders, ThoseThatWereUsedLongestAgoAreDropped) {
  PrecompiledHeaders headers;
  int builds = 0;
  const auto get = [&](const std::string& key) {
    static_cast<void>(headers.Get(key, [&] {
      ++builds;
      return PrecompiledHeader();
    }));
  };
  get("first");
  get("second");
  for (int i = 0; i < 63; ++i) get(std::to_string(i));
  EXPECT_EQ(builds, 65);
  get("second");
  EXPECT_EQ(builds, 65);
  get("first");
  EXPECT_EQ(builds, 66);
}

// A folder of headers of its own, gone at the end.
class Folder : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(path_); }
  void TearDown() override { fs::remove_all(path_); }

  void Write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  // Long unchanged, as headers mostly are.
  void WriteOld(const std::string& name, const std::string& text) const {
    Write(name, text);
    fs::last_write_time(path_ / name, fs::file_time_type::clock::now() - std::chrono::hours(1));
  }
  std::string Compile(const std::string& text) const {
    CompileOptions options;
    options.include_dirs = {(path_ / "first").string(), (path_ / "second").string()};
    fs::create_directories(path_ / "first");
    fs::create_directories(path_ / "second");
    return CompileCxx(text, options).objects[0];
  }

  fs::path path_ = fs::path(::testing::TempDir()) / ("kiln_headers_" + std::to_string(getpid()));
};

constexpr const char* kUsesValue = "#include <value.h>\nextern \"C\" const int it = VALUE;";

TEST_F(Folder, AChangedHeaderIsParsedAnew) {
  WriteOld("second/value.h", "#define VALUE 1111\n");
  const std::string before = Compile(kUsesValue);
  EXPECT_EQ(Compile(kUsesValue), before);
  Write("second/value.h", "#define VALUE 2222\n");  // of the same size
  EXPECT_NE(Compile(kUsesValue), before);
}

TEST_F(Folder, AHeaderThatAppearsBeforeAnotherIsSeen) {
  WriteOld("second/value.h", "#define VALUE 1111\n");
  const std::string before = Compile(kUsesValue);
  Write("first/value.h", "#define VALUE 3333\n");
  EXPECT_NE(Compile(kUsesValue), before);
}

TEST_F(Folder, AHeaderOfAHeaderCounts) {
  WriteOld("second/value.h", "#include \"deep/number.h\"\n#define VALUE NUMBER\n");
  WriteOld("second/deep/number.h", "#define NUMBER 1\n");
  const std::string before = Compile(kUsesValue);
  Write("second/deep/number.h", "#define NUMBER 2\n");
  EXPECT_NE(Compile(kUsesValue), before);
}

TEST(PrecompiledHeaders, HeadersInMemoryCount) {
  const auto compile = [](const char* value) {
    CompileOptions options;
    options.headers = {{"value.h", value}};
    return CompileCxx(kUsesValue, options).objects[0];
  };
  const std::string one = compile("#define VALUE 1\n");
  EXPECT_NE(compile("#define VALUE 2\n"), one);
  EXPECT_EQ(compile("#define VALUE 1\n"), one);
}

TEST(PrecompiledHeaders, OptionsCount) {
  const auto compile = [](const char* define) {
    CompileOptions options;
    options.headers = {
        {"value.h", "#ifdef ONE\n#define VALUE 1\n#else\n#define VALUE 2\n#endif\n"}};
    options.defines = {define};
    return CompileCxx(kUsesValue, options).objects[0];
  };
  EXPECT_NE(compile("ONE"), compile("OTHER"));
}

TEST(PrecompiledHeaders, MessagesOfHeadersComeEachTime) {
  CompileOptions options;
  options.headers = {{"value.h", "#warning of the header\n#define VALUE 1\n"}};
  for (int i = 0; i < 3; ++i) {
    const Artifact artifact = CompileCxx(kUsesValue, options);
    ASSERT_EQ(artifact.warnings.size(), 1u) << i;
    EXPECT_EQ(artifact.warnings[0].message, "of the header");
  }
}

TEST(PrecompiledHeaders, PlacesInTheSourceStayTrue) {
  for (int i = 0; i < 2; ++i) {
    const Thrown thrown = ThrownBy([] {
      CompileCxx("#include <vector>\n#include <string>\n\nint f() { return undeclared; }\n");
    });
    EXPECT_TRUE(Contains(thrown.message, "k.cc:4:18: error: use of undeclared identifier"))
        << thrown.message;
    EXPECT_TRUE(Contains(thrown.message, "int f() { return undeclared; }"));
  }
}

TEST(PrecompiledHeaders, HeadersAreRecordedEachTime) {
  const char* const text = "#include <vector>\n#include <string>\nint x;\n";
  const Artifact first = CompileCxx(text);
  const Artifact second = CompileCxx(text);
  EXPECT_GT(first.headers.size(), 20u);
  EXPECT_EQ(first.headers, second.headers);
}

// Of C, headers are parsed the first time, precompiled the second time, and ready the third time.
TEST(PrecompiledHeaders, CGivesTheSameCodeWithThemAndWithoutThem) {
  const std::string body = R"(
/// Scales x.
int __tvm_ffi_f(void* self, const void* args, int count, void* result) {
#ifdef __AVX2__
  volatile double y = sqrt((double)count) + (double)strlen((const char*)args);
#else
  volatile double y = 0;
#endif
  struct { int64_t a[4]; } copy = {{count}};
  if (y > 1e300 || copy.a[0] == 77) abort();
  return __builtin_popcount((unsigned)count) + (INT32_MAX == count);
}
)";
  for (const std::string headers :
       {"#include <math.h>\n#include <stdint.h>\n#include <stdlib.h>\n#include <string.h>\n",
        "#define _GNU_SOURCE\n#include <tvm/ffi/c_api.h>\n#include <math.h>\n#include <stdlib.h>\n"
        "#include <string.h>\n#include <immintrin.h>\n"}) {
    for (const bool debug : {false, true}) {
      for (const int level : {0, 2}) {
        CompileOptions options = AtLevel(level);
        options.debug_info = debug;
        options.cpu = "x86-64-v3";
        const Artifact first = CompileC(headers + body, options);
        for (int i = 0; i < 2; ++i) {
          const Artifact next = CompileC(headers + body, options);
          EXPECT_EQ(next.objects, first.objects) << headers << debug << level;
          EXPECT_EQ(next.headers, first.headers);
          EXPECT_EQ(next.exports, first.exports);
        }
      }
    }
  }
}

TEST(PrecompiledHeaders, PlacesInACSourceStayTrue) {
  for (int i = 0; i < 3; ++i) {
    const Thrown thrown =
        ThrownBy([] { CompileC("#include <stdint.h>\n\nint f(void) { return undeclared; }\n"); });
    EXPECT_TRUE(Contains(thrown.message, "k.c:3:22: error: use of undeclared identifier"))
        << thrown.message;
  }
}

TEST(PrecompiledHeaders, MacrosOfTheCompilerAreThereAndCanBeRedefined) {
  const char* const text =
      "#include <stdint.h>\n#undef __SSE2__\n#define __SSE2__ 7\n#define __x86_64__ 2\n"
      "const int a = __SSE2__, b = __x86_64__, c = __STDC__, d = __clang_major__ > 18;\n";
  const Artifact first = CompileC(text);
  ASSERT_EQ(first.warnings.size(), 1u);
  EXPECT_TRUE(Contains(first.warnings[0].message, "__x86_64__"));
  for (int i = 0; i < 2; ++i) {
    const Artifact next = CompileC(text);
    ASSERT_EQ(next.warnings.size(), first.warnings.size());
    EXPECT_EQ(next.warnings[0].message, first.warnings[0].message);
    EXPECT_EQ(next.objects, first.objects);
  }
}

TEST(PrecompiledHeaders, NothingIsSeenThatTheSourceDoesNotInclude) {
  CompileOptions options = AtLevel(0);
  options.exports = {"all"};
  const std::string text =
      "#include <stdexcept>\n#include <string>\n#include <vector>\n"
      "double twice(double x) { return 2 * x; }\n";
  for (int i = 0; i < 2; ++i) {
    const Artifact artifact = CompileCxx(text, options);
    EXPECT_EQ(artifact.exports, std::vector<std::string>{"twice"});
    EXPECT_FALSE(Contains(artifact.objects[0], "common_templates"));
    for (const HeaderRecord& header : artifact.headers) {
      EXPECT_FALSE(Contains(header.path, "common_templates"));
    }
  }
}

// Inline functions, templates, statics and tables of virtual functions that stand in the headers.
TEST(PrecompiledHeaders, CodeOfHeadersIsGenerated) {
  const char* const text = R"(
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
extern "C" int __tvm_ffi_f(void*, const void*, int, void*) {
  std::map<std::string, std::vector<int>> map;
  map["a"].push_back(3);
  std::shared_ptr<std::string> text = std::make_shared<std::string>("x");
  if (map.size() != 1 || text->size() != 1) throw std::runtime_error("no");
  std::cout << std::flush;
  return 0;
}
)";
  for (const int level : {0, 2}) {
    const std::string first = CompileCxx(text, AtLevel(level)).objects[0];
    EXPECT_EQ(CompileCxx(text, AtLevel(level)).objects[0], first);
    EXPECT_TRUE(Contains(first, "_ZNSt8ios_base4InitC1Ev")) << "the stream's initialiser";
  }
}

}  // namespace
}  // namespace kiln::jit
