// What a module shows of the way from its source, and what it and a CompileError tell as JSON.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"

namespace kiln::testing {
namespace {

constexpr const char* kSource =
    "#include <tvm/ffi/c_api.h>\n"
    "int __tvm_ffi_total(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {\n"
    "  int unused;\n"
    "  result->type_index = kTVMFFIInt;\n"
    "  result->v_int64 = 0;\n"
    "  for (int32_t i = 0; i < n; ++i) result->v_int64 += args[i].v_int64;\n"
    "  return 0;\n"
    "}\n";

Module CompileTotal() {
  return jit::Compile(kSource, {.name = "total.c", .more = {{"flags", Any("-Wall")}}});
}

std::string Inspect(const Module& module, std::string_view format) {
  return module->InspectSource(String(format)).str();
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string RefusalOf(const Module& module, std::string_view format) {
  try {
    Inspect(module, format);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "ValueError");
    return std::string(error.message());
  }
  ADD_FAILURE() << "the module shows " << format;
  return {};
}

TEST(Inspect, ShowsTheSourceAsItWasGiven) {
  const Module module = CompileTotal();
  EXPECT_EQ(Inspect(module, "source"), kSource);
  EXPECT_EQ(Inspect(module, ""), kSource);
}

TEST(Inspect, ShowsEachStageOfTheCompile) {
  const Module module = CompileTotal();
  const std::string ir = Inspect(module, "ll");
  const std::string optimized = Inspect(module, "ll-opt");
  const std::string assembly = Inspect(module, "asm");
  EXPECT_TRUE(Has(ir, "define") && Has(ir, "@__tvm_ffi_total") && Has(ir, "alloca")) << ir;
  EXPECT_TRUE(Has(optimized, "@__tvm_ffi_total")) << optimized;
  EXPECT_FALSE(Has(optimized, "alloca")) << optimized;
  EXPECT_TRUE(Has(assembly, "__tvm_ffi_total:") && Has(assembly, "ret")) << assembly;
}

TEST(Inspect, StagesFollowTheOptionsOfTheCompile) {
  const Module module = jit::Compile(kSource, {.name = "total.c", .opt_level = 0});
  EXPECT_TRUE(Has(Inspect(module, "ll-opt"), "alloca"));
}

TEST(Inspect, IrCompiledAgainIsTheSameModule) {
  const Module first = CompileTotal();
  const Module second = jit::Compile(Inspect(first, "ll-opt"), {.name = "total.ll"});
  EXPECT_EQ(second.GetFunction("total")(3, 4).cast<int64_t>(), 7);
  EXPECT_TRUE(Has(Inspect(second, "asm"), "__tvm_ffi_total:"));
}

TEST(Inspect, ShowsTheObjectThatTheArtifactHolds) {
  const Module module = CompileTotal();
  const std::string object = Inspect(module, "obj");
  EXPECT_TRUE(
      object.starts_with("\x7F"
                         "ELF"));
  EXPECT_TRUE(module->SaveToBytes().view().ends_with(object));
}

TEST(Inspect, RemarksDoNotFillTheStages) {
  const Module module = jit::Compile(kSource, {.name = "total.c", .more = {{"remarks", true}}});
  EXPECT_TRUE(Has(Inspect(module, "diagnostics"), "\"severity\":\"remark\""));
  EXPECT_FALSE(Has(Inspect(module, "ll"), "!dbg"));
}

TEST(Inspect, WarningsAreThereAsTextAndAsJson) {
  const Module module = CompileTotal();
  EXPECT_EQ(Inspect(module, "warnings"),
            "total.c:3:7: warning: unused variable 'unused'\n    int unused;\n        ^\n");
  const std::string json = Inspect(module, "diagnostics");
  EXPECT_TRUE(json.starts_with(R"([{"severity":"warning","file":"total.c","line":3,"column":7,)"))
      << json;
  EXPECT_TRUE(Has(json, R"("option":"-Wunused-variable")")) << json;
  EXPECT_EQ(Inspect(jit::Compile(kSource, {.name = "total.c"}), "diagnostics"), "[]");
}

TEST(Inspect, SeveralSourcesStandBelowTheirNames) {
  const Map<String, Any> sources = {
      {"one.c", Any("int one(void) { return 1; }\n")},
      {"two.ll", Any("define i32 @two() {\n  ret i32 2\n}\n")},
  };
  jit::Version();
  const auto module = GlobalFunction::Get("kiln.jit.compile")(sources).cast<Module>();
  EXPECT_EQ(Inspect(module, "source"),
            "// one.c\nint one(void) { return 1; }\n"
            "// two.ll\ndefine i32 @two() {\n  ret i32 2\n}\n");
  const std::string ir = Inspect(module, "ll");
  EXPECT_TRUE(ir.starts_with("; one.c\n")) << ir;
  EXPECT_LT(ir.find("@one("), ir.find("\n; two.ll\n"));
  EXPECT_LT(ir.find("\n; two.ll\n"), ir.find("@two("));
  EXPECT_TRUE(Has(Inspect(module, "asm"), "# two.ll\n"));
  EXPECT_TRUE(Has(RefusalOf(module, "obj"), "has 2 objects"));
}

TEST(Inspect, AnUnknownFormatListsTheKnownOnes) {
  EXPECT_EQ(RefusalOf(CompileTotal(), "wasm"),
            "a compiled module shows 'source', 'll', 'll-opt', 'asm', 'ptx', 'obj', 'exports', "
            "'warnings' or 'diagnostics', got format 'wasm'");
}

TEST(Inspect, AModuleThatWasLoadedHasNoSource) {
  jit::Version();
  const Module compiled = CompileTotal();
  const Module loaded =
      GlobalFunction::Get("ffi.Module.load_from_bytes.kiln_jit")(compiled->SaveToBytes())
          .cast<Module>();
  for (const char* format : {"obj", "exports", "warnings", "diagnostics"}) {
    EXPECT_EQ(Inspect(loaded, format), Inspect(compiled, format)) << format;
  }
  for (const char* format : {"source", "ll", "ll-opt", "asm"}) {
    EXPECT_EQ(RefusalOf(loaded, format), std::string("can't show '") + format +
                                             "' of 'total.c': the module came without its source; "
                                             "compile that to see it");
  }
}

TEST(Inspect, IsReachableThroughTheGlobalFunctionOfTheAbi) {
  const Module module = CompileTotal();
  const Function inspect = GlobalFunction::Get("ffi.ModuleInspectSource");
  EXPECT_EQ(inspect(module, "source").cast<std::string>(), kSource);
  EXPECT_THROW(inspect(module, "wasm"), Error);
}

TEST(Inspect, ACompileErrorCarriesItsDiagnostics) {
  try {
    jit::Compile("int f(void) { return 3 }\n", {.name = "bad.c"});
    FAIL() << "the source compiled";
  } catch (const Error& error) {
    const std::string json = jit::DiagnosticsOf(error);
    EXPECT_TRUE(json.starts_with(R"([{"severity":"error","file":"bad.c","line":1,"column":23,)"))
        << json;
    EXPECT_TRUE(Has(json, R"("end_line":1,"end_column":23,"text":";"}])")) << json;
  }
}

TEST(Inspect, OtherErrorsCarryNoDiagnostics) {
  try {
    jit::Compile("int x;", {.name = "x.c", .opt_level = 7});
    FAIL() << "the option was taken";
  } catch (const Error& error) {
    EXPECT_EQ(jit::DiagnosticsOf(error), "");
  }
}

}  // namespace
}  // namespace kiln::testing
