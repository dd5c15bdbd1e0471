// Code compiled against the reference's C++ headers on the one side, against Kiln's on the other:
// each reads, calls and destroys what the other made.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/reference_function.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

class TalkativeModuleObj : public ModuleObj {
 public:
  explicit TalkativeModuleObj(Lives* lives) : counted_(lives) {}

  const char* kind() const override { return "talkative"; }
  int GetPropertyMask() const override { return kModuleRunnable | kModuleCompilationExportable; }
  Optional<Function> GetFunction(const String& name) override {
    if (name != "negate, with a long name") return std::nullopt;
    return Function::FromTyped([](int64_t x) { return -x; });
  }
  Optional<String> GetFunctionDoc(const String& name) override {
    if (name == "short") return String("doc");
    if (name == "long") return String("documentation longer than inline");
    return std::nullopt;
  }
  Optional<String> GetFunctionMetadata(const String&) override { return String(); }
  void WriteToFile(const String& file_name, const String& format) const override {
    throw Error("ValueError", file_name.str() + "." + format.str());
  }
  Array<String> GetWriteFormats() const override { return {"o", "a longer format name"}; }
  Bytes SaveToBytes() const override { return Bytes(std::string_view("\0\1\2", 3)); }
  String InspectSource(const String& format) const override { return "source in " + format.str(); }

 private:
  Counted counted_;
};

TEST(ReferenceSide, ValuesComeBackUnchanged) {
  Lives lives;
  {
    const Function echo = Reference("echo");
    EXPECT_TRUE(echo(nullptr).is_none());
    EXPECT_TRUE(echo(true).cast<bool>());
    EXPECT_EQ(echo(-7).cast<int>(), -7);
    EXPECT_EQ(echo(0.25).cast<double>(), 0.25);
    EXPECT_EQ(echo("1234567").type_index(), kTVMFFISmallStr);
    EXPECT_EQ(echo("12345678").type_index(), kTVMFFIStr);
    EXPECT_EQ(echo(std::string_view("a\0b", 3)).cast<String>().size(), 3u);
    EXPECT_EQ(echo(kCpu).cast<DLDevice>().device_type, kDLCPU);
    const Counted ref(&lives);
    EXPECT_TRUE(echo(ref).cast<Counted>().same_as(ref));
    EXPECT_EQ(ref.use_count(), 1u);
  }
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(ReferenceSide, ReadsAndMakesText) {
  const Function repeat = Reference("repeat");
  EXPECT_EQ(repeat("ab", 3).cast<String>(), "ababab");
  EXPECT_EQ(repeat(String("abcdefgh"), 2).cast<String>(), "abcdefghabcdefgh");
  EXPECT_EQ(repeat("", 5).cast<String>(), "");
  EXPECT_EQ(Reference("size_of_bytes")(Bytes(std::string(1000, '\0'))).cast<int>(), 1000);
}

TEST(ReferenceSide, ReadsAndMakesArrays) {
  EXPECT_EQ(Reference("sum")(Array<int64_t>{1, 2, 39}).cast<int>(), 42);
  EXPECT_EQ(Reference("sum")(Array<int64_t>()).cast<int>(), 0);
  const auto mixed = Reference("mixed_array")().cast<Array<Any>>();
  ASSERT_EQ(mixed.size(), 3u);
  EXPECT_EQ(mixed[0].cast<int>(), 1);
  EXPECT_EQ(mixed[1].cast<String>(), "a second, longer element");
  EXPECT_EQ(mixed[2].cast<double>(), 0.5);
}

TEST(ReferenceSide, ChangesAnArrayThatItAloneHolds) {
  const Function make = Function::FromTyped([] { return Array<int64_t>{1, 2}; });
  const auto changed = Reference("change_array_of")(make).cast<Array<int64_t>>();
  ASSERT_EQ(changed.size(), 3u);
  EXPECT_EQ(changed[0], 100);
  EXPECT_EQ(changed[1], 2);
  EXPECT_EQ(changed[2], 101);
}

TEST(ReferenceSide, ReadsAndMakesTensors) {
  const Tensor tensor = Tensor::Empty({2, 3}, DataTypeOf<float>());
  for (float& element : tensor.elements<float>()) element = 1.5f;
  EXPECT_EQ(Reference("sum_tensor")(tensor).cast<double>(), 9.0);
  EXPECT_EQ(Reference("sum_tensor")(TensorView(tensor)).cast<double>(), 9.0);
  EXPECT_TRUE(Reference("is_the_same_tensor")(tensor, tensor).cast<bool>());
  const Tensor iota = Reference("iota")(1000).cast<Tensor>();
  EXPECT_EQ(iota.numel(), 1000);
  EXPECT_EQ(iota.elements<float>()[999], 999.0f);
}

TEST(ReferenceSide, ItsErrorsArriveWhole) {
  const Error error = ThrownBy([] { Reference("fail")("from the other side"); });
  EXPECT_EQ(error.kind(), "IndexError");
  EXPECT_EQ(error.message(), "from the other side");
  ASSERT_TRUE(error.cause().has_value());
  EXPECT_EQ(error.cause()->kind(), "KeyError");
  EXPECT_EQ(Any(error.extra_context()).cast<Array<int64_t>>()[0], 5);
}

TEST(ReferenceSide, CatchesOurErrors) {
  const Error cause("IOError", "no file");
  const Function fail =
      Function::FromTyped([&] { throw Error("CompileError", "line 3", "", &cause, ObjectRef()); });
  EXPECT_EQ(Reference("catch_error")(fail).cast<String>(), "CompileError/line 3/IOError");
}

TEST(ReferenceSide, HoldsAndReleasesOurFunctions) {
  Lives lives;
  {
    const Function ours = Function::FromTyped([held = Counted(&lives)](int x) { return x + 1; });
    const auto composed = Reference("compose")(ours, ours).cast<Function>();
    EXPECT_EQ(composed(5).cast<int>(), 7);
    EXPECT_EQ(ours.use_count(), 3u);
  }
  EXPECT_EQ(lives.made, 1);
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(ReferenceSide, SeesEveryEntryOfOurModulesVirtualTable) {
  Lives lives;
  {
    const Module module(MakeObject<TalkativeModuleObj>(&lives));
    EXPECT_EQ(Reference("module_kind")(module).cast<String>(), "talkative");
    EXPECT_EQ(Reference("module_property_mask")(module).cast<int>(),
              kModuleRunnable | kModuleCompilationExportable);
    EXPECT_EQ(Reference("module_call")(module, "negate, with a long name", 4).cast<int>(), -4);
    EXPECT_EQ(Reference("module_call")(module, "missing", 4).cast<String>(), "no such function");
    EXPECT_TRUE(Reference("module_implements")(module, "negate, with a long name").cast<bool>());
    EXPECT_FALSE(Reference("module_implements")(module, "missing").cast<bool>());
    EXPECT_EQ(Reference("module_doc")(module, "short").cast<String>(), "doc");
    EXPECT_EQ(Reference("module_doc")(module, "long").cast<String>(),
              "documentation longer than inline");
    EXPECT_EQ(Reference("module_doc")(module, "missing").cast<String>(), "no documentation");
    EXPECT_EQ(Reference("module_metadata")(module, "any").cast<String>(), "");
    const auto formats = Reference("module_write_formats")(module).cast<Array<String>>();
    ASSERT_EQ(formats.size(), 2u);
    EXPECT_EQ(formats[1], "a longer format name");
    EXPECT_EQ(Reference("module_bytes")(module).cast<Bytes>().view(),
              std::string_view("\0\1\2", 3));
    EXPECT_EQ(Reference("module_source")(module, "text").cast<String>(), "source in text");
    const Error error = ThrownBy([&] { Reference("module_write")(module, "file", "o"); });
    EXPECT_TRUE(Contains(error.message(), "file.o")) << error.what();
    EXPECT_EQ(module.use_count(), 1u);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(ReferenceSide, ImportsThroughOurVirtualTable) {
  Lives lives;
  {
    const Module module(MakeObject<TalkativeModuleObj>(&lives));
    const Module other(MakeObject<TalkativeModuleObj>(&lives));
    EXPECT_EQ(Reference("module_import_twice")(module, other).cast<int>(), 20);
    EXPECT_EQ(other.use_count(), 1u);
  }
  EXPECT_EQ(lives.alive(), 0);
}

}  // namespace
}  // namespace kiln::testing
