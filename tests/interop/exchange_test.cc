// One object of each kind, made and read with Kiln's headers on this side and with the reference's
// on the other (reference_objects.cc). Built twice: over our runtime, and over theirs.
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

namespace kiln {
namespace {

Function Reference(const char* name) {
  static const Module library = Module::LoadFromFile(KILN_REFERENCE_OBJECTS);
  return library.GetFunction(name);
}

class DoublerObj : public ModuleObj {
 public:
  const char* kind() const override { return "doubler"; }
  Optional<Function> GetFunction(const String& name) override {
    if (name != "double") return std::nullopt;
    return Function::FromTyped([](int64_t x) { return 2 * x; });
  }
};

template <typename Table>
Table MakeTable(int64_t size) {
  Table table;
  for (int64_t i = 0; i < size; ++i) table.Set(Any("key " + std::to_string(i)), Any(i));
  return table;
}

Any Make(std::string_view kind) {
  if (kind == "small string") return Any(String("1234567"));
  if (kind == "string") return Any(String("12345678"));
  if (kind == "small bytes") return Any(Bytes(std::string_view("\0\1", 2)));
  if (kind == "bytes") return Any(Bytes(std::string_view("a\0longer one", 12)));
  if (kind == "error") return Any(Error("KeyError", "made", "  File \"made.cc\"\n"));
  if (kind == "function") return Any(Function::FromTyped([](int64_t x) { return x + 1; }));
  if (kind == "shape") return Any(Shape({2, 3}));
  if (kind == "array") return Any(Array<Any>{Any(1), Any("a text that is long"), Any(0.5)});
  if (kind == "list") return Any(List<Any>{Any(1), Any(Array<int64_t>{2}), Any()});
  if (kind == "small map") return Any(MakeTable<Map<Any, Any>>(2));
  if (kind == "dense map") return Any(MakeTable<Map<Any, Any>>(20));
  if (kind == "small dict") return Any(MakeTable<Dict<Any, Any>>(2));
  if (kind == "dense dict") return Any(MakeTable<Dict<Any, Any>>(20));
  if (kind == "module") return Any(Module(MakeObject<DoublerObj>()));
  const Tensor tensor = Tensor::Empty({2, 1}, DataTypeOf<float>());
  tensor.elements<float>()[0] = 1.5F;
  tensor.elements<float>()[1] = 2.5F;
  return Any(tensor);
}

std::string Describe(const Any& value);

template <typename Sequence>
std::string DescribeSequence(const Sequence& sequence) {
  std::string text;
  for (const Any& element : sequence) text += Describe(element) + ";";
  return text;
}
template <typename Table>
std::string DescribeTable(const Table& table) {
  std::string text = std::to_string(table.size()) + ":";
  for (const auto& [key, element] : table) text += Describe(key) + "=" + Describe(element) + ";";
  return text;
}

std::string Describe(const Any& value) {
  switch (value.type_index()) {
    case kTVMFFINone:
      return "none";
    case kTVMFFIInt:
      return std::to_string(value.cast<int64_t>());
    case kTVMFFIFloat:
      return std::to_string(value.cast<double>());
    case kTVMFFISmallStr:
    case kTVMFFIStr:
      return "'" + value.cast<std::string>() + "'";
    case kTVMFFISmallBytes:
    case kTVMFFIBytes:
      return "b'" + std::string(value.cast<Bytes>().view()) + "'";
    case kTVMFFIError: {
      const Error error(ObjectPtr<ErrorObj>::ShareHandle(value.raw().v_obj));
      return std::string(error.kind()) + "/" + std::string(error.message()) + "/" +
             std::string(error.backtrace());
    }
    case kTVMFFIFunction:
      return "f(1)=" + Describe(value.cast<Function>()(1));
    case kTVMFFIShape: {
      std::string text;
      for (const int64_t extent : value.cast<Shape>()) text += std::to_string(extent) + "x";
      return text;
    }
    case kTVMFFITensor: {
      const auto tensor = value.cast<Tensor>();
      std::string text;
      for (const int64_t extent : tensor.shape()) text += std::to_string(extent) + "x";
      for (const float element : tensor.elements<float>()) text += std::to_string(element) + ";";
      return text;
    }
    case kTVMFFIArray:
      return "array " + DescribeSequence(value.cast<Array<Any>>());
    case kTVMFFIList:
      return "list " + DescribeSequence(value.cast<List<Any>>());
    case kTVMFFIMap:
      return "map " + DescribeTable(value.cast<Map<Any, Any>>());
    case kTVMFFIDict:
      return "dict " + DescribeTable(value.cast<Dict<Any, Any>>());
    case kTVMFFIModule: {
      const auto module = value.cast<Module>();
      return (module.FindFunction("half") ? "module?" : "module!") +
             Describe(module.GetFunction("double")(4));
    }
    default:
      return "kind " + std::to_string(value.type_index());
  }
}

std::string TableText(const std::string& kind, int64_t size) {
  std::string text = kind + " " + std::to_string(size) + ":";
  for (int64_t i = 0; i < size; ++i) {
    text += "'key " + std::to_string(i) + "'=" + std::to_string(i) + ";";
  }
  return text;
}

struct Kind {
  const char* name;
  int32_t type_index;
  std::string text;
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

const Kind kKinds[] = {
    {"small string", kTVMFFISmallStr, "'1234567'"},
    {"string", kTVMFFIStr, "'12345678'"},
    {"small bytes", kTVMFFISmallBytes, std::string("b'\0\1'", 5)},
    {"bytes", kTVMFFIBytes, std::string("b'a\0longer one'", 15)},
    {"error", kTVMFFIError, "KeyError/made/  File \"made.cc\"\n"},
    {"function", kTVMFFIFunction, "f(1)=2"},
    {"shape", kTVMFFIShape, "2x3x"},
    {"tensor", kTVMFFITensor, "2x1x1.500000;2.500000;"},
    {"array", kTVMFFIArray, "array 1;'a text that is long';0.500000;"},
    {"list", kTVMFFIList, "list 1;array 2;;none;"},
    {"small map", kTVMFFIMap, TableText("map", 2)},
    {"dense map", kTVMFFIMap, TableText("map", 20)},
    {"small dict", kTVMFFIDict, TableText("dict", 2)},
    {"dense dict", kTVMFFIDict, TableText("dict", 20)},
    {"module", kTVMFFIModule, "module!8"},
};

class Exchange : public ::testing::TestWithParam<Kind> {};

TEST_P(Exchange, TheOtherSideReadsWhatThisSideMakes) {
  const Any made = Make(GetParam().name);
  EXPECT_EQ(made.type_index(), GetParam().type_index);
  EXPECT_EQ(Reference("describe")(made).cast<std::string>(), GetParam().text);
  EXPECT_EQ(Reference("describe")(Array<Any>{made}).cast<std::string>(),
            "array " + GetParam().text + ";");
}

TEST_P(Exchange, ThisSideReadsWhatTheOtherSideMakes) {
  const Any made = Reference("make")(GetParam().name);
  EXPECT_EQ(made.type_index(), GetParam().type_index);
  EXPECT_EQ(Describe(made), GetParam().text);
}

uint64_t CountsOf(const Any& object) {
  return __atomic_load_n(&object.raw().v_obj->combined_ref_count, __ATOMIC_RELAXED);
}

TEST_P(Exchange, CountsAreTheSameAfterTheWayThereAndBack) {
  for (const Any& made : {Make(GetParam().name), Reference("make")(GetParam().name)}) {
    if (made.type_index() < kTVMFFIStaticObjectBegin) {
      EXPECT_EQ(Describe(Reference("echo")(made)), GetParam().text);
      continue;
    }
    const uint64_t counts = CountsOf(made);
    {
      const Any back = Reference("echo")(made);
      EXPECT_EQ(back.raw().v_obj, made.raw().v_obj);
      EXPECT_EQ(CountsOf(made), counts + 1);
    }
    EXPECT_EQ(Reference("describe")(made).cast<std::string>(), GetParam().text);
    EXPECT_EQ(CountsOf(made), counts);
  }
}

Any BigInt(int64_t low, int64_t high) {
  const int64_t words[] = {low, high};
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words), sizeof(words)};
  Any any;
  CheckCall(TVMFFIBigIntFromByteArray(&bytes, any.out()));
  return any;
}

// The runtime brings the rule by which both sides compare them.
TEST(ExchangeOfKeys, BothSidesFindBigIntegersByTheirValue) {
  for (const int64_t size : {3, 50}) {
    Dict<Any, Any> dict;
    for (int64_t i = 0; i < size; ++i) dict.Set(BigInt(i, 7), Any(i));
    for (int64_t i = 0; i < size; ++i) {
      EXPECT_EQ(Reference("find")(dict, BigInt(i, 7)).cast<int64_t>(), i);
    }
    EXPECT_TRUE(Reference("find")(dict, BigInt(0, 8)).is_none());
  }
}

INSTANTIATE_TEST_SUITE_P(EachKind, Exchange, ::testing::ValuesIn(kKinds), [](const auto& kind) {
  std::string name = kind.param.name;
  for (char& c : name) c = c == ' ' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace kiln
