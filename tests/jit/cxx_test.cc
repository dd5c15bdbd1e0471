// What the C++ language and its library need at run time works in compiled code.
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/error_of.h"

namespace kiln::testing {
namespace {

Module Compile(std::string_view source, std::string standard = "") {
  return jit::Compile(source,
                      {.name = "k.cc", .exports = {"all"}, .more = {{"std", String(standard)}}});
}

TEST(Cxx, TypesAreKnownAtRunTime) {
  const Module module = Compile(R"(
#include <memory>
#include <typeinfo>
struct Shape { virtual ~Shape() = default; virtual int corners() const = 0; };
struct Square : Shape { int corners() const override { return 4; } };
struct Disk : Shape { int corners() const override { return 0; } };
static std::unique_ptr<Shape> Make(int kind) {
  if (kind == 0) return std::make_unique<Square>();
  return std::make_unique<Disk>();
}
int corners(int kind) { return Make(kind)->corners(); }
bool is_square(int kind) { return dynamic_cast<Square*>(Make(kind).get()) != nullptr; }
bool is_disk(int kind) { auto shape = Make(kind); return typeid(*shape) == typeid(Disk); }
bool bad_cast(int kind) {
  try { dynamic_cast<Square&>(*Make(kind)); return false; } catch (const std::bad_cast&) { return true; }
}
)");
  EXPECT_EQ(module.GetFunction("corners")(0).cast<int>(), 4);
  EXPECT_TRUE(module.GetFunction("is_square")(0).cast<bool>());
  EXPECT_FALSE(module.GetFunction("is_square")(1).cast<bool>());
  EXPECT_TRUE(module.GetFunction("is_disk")(1).cast<bool>());
  EXPECT_TRUE(module.GetFunction("bad_cast")(1).cast<bool>());
}

TEST(Cxx, ThreadsRunWithVariablesOfTheirOwn) {
  const Module module = Compile(R"(
#include <atomic>
#include <string>
#include <thread>
#include <vector>
thread_local std::string name = "fresh";
static std::atomic<int> fresh{0};
int run(int threads) {
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([] { if (name == "fresh") ++fresh; name = "used"; });
  }
  for (std::thread& each : all) each.join();
  return fresh;
}
)");
  EXPECT_EQ(module.GetFunction("run")(4).cast<int>(), 4);
  EXPECT_EQ(module.GetFunction("run")(3).cast<int>(), 7);
}

int64_t* Events() {
  static int64_t events = 0;
  return &events;
}

TEST(Cxx, StaticObjectsLiveAsLongAsTheModule) {
  {
    const Map<String, Any> symbols{{"Events", Any(reinterpret_cast<void*>(&Events))}};
    const Module module =
        jit::Compile(R"(
extern "C" long* Events();
struct Static { Static() { *Events() += 1; } ~Static() { *Events() += 100; } };
static Static one;
__attribute__((constructor)) static void start() { *Events() += 10; }
int use() { static Static lazy; return 0; }
)",
                     {.name = "k.cc", .exports = {"use"}, .more = {{"symbols", symbols}}});
    EXPECT_EQ(*Events(), 11) << "one constructor of each kind ran";
    module.GetFunction("use")();
    module.GetFunction("use")();
    EXPECT_EQ(*Events(), 12) << "a static of a function is made once";
  }
  EXPECT_EQ(*Events(), 212) << "both were destroyed with the module";
}

TEST(Cxx, TheStandardIsTheOneThatIsAskedFor) {
  const char* const text = "long standard() { return __cplusplus; }";
  EXPECT_EQ(Compile(text, "c++17").GetFunction("standard")().cast<int64_t>(), 201703);
  EXPECT_EQ(Compile(text).GetFunction("standard")().cast<int64_t>(), 202002);
  EXPECT_GT(Compile(text, "c++23").GetFunction("standard")().cast<int64_t>(), 202002);
}

TEST(Cxx, FunctionsOfTheAbiHeadersAreExported) {
  const Module module = Compile(R"(
#include <kiln/kiln.h>
static int64_t Sum(const kiln::Array<int64_t>& values) {
  int64_t sum = 0;
  for (const int64_t value : values) sum += value;
  return sum;
}
KILN_EXPORT(sum, Sum);
KILN_EXPORT_DOC(sum, "The sum of the values.");
KILN_EXPORT(first, [](const kiln::Tuple<kiln::String, int64_t>& pair) { return pair.get<0>(); });
)");
  EXPECT_EQ(module.GetFunction("sum")(Array<int64_t>{1, 2, 39}).cast<int>(), 42);
  EXPECT_EQ(module.get()->GetFunctionDoc("sum")->str(), "The sum of the values.");
  EXPECT_EQ(module.GetFunction("first")(Tuple<String, int64_t>("one", 1)).cast<std::string>(),
            "one");
  EXPECT_EQ(ErrorOf([&] { module.GetFunction("sum")(3); }),
            "TypeError: argument 0: expected ffi.Array, got int 3");
}

}  // namespace
}  // namespace kiln::testing
