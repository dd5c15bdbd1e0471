// Libraries that some threads load and drop while others call them, and errors that are raised
// meanwhile, with backtraces through those libraries.

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/module.h>
#include <tvm/ffi/extra/c_env_api.h>

#include "tests/runtime/racing.h"

namespace kiln {
namespace {

constexpr int kRounds = 500;

// A module without functions of its own.
class ImporterObj : public ModuleObj {
 public:
  const char* kind() const override { return "importer"; }
  Optional<Function> GetFunction(const String&) override { return std::nullopt; }
};

Module MakeImporter() {
  Module importer(MakeObject<ImporterObj>());
  importer->ImportModule(Module(MakeObject<ImporterObj>()));
  importer->ImportModule(Module::LoadFromFile(KILN_TEST_LIBRARY));
  return importer;
}

int64_t CallFromImports(const Module& module, int64_t a, int64_t b) {
  TVMFFIObjectHandle add = nullptr;
  CheckCall(TVMFFIEnvModLookupFromImports(module.get(), "add", &add));
  return Function(ObjectPtr<FunctionObj>::ShareHandle(add))(a, b).cast<int64_t>();
}

TEST(RacingModules, FunctionsAreFoundInImportsWhileTheLibraryIsLoadedAndDropped) {
  const Module shared = MakeImporter();
  const Function query = GlobalFunction::Get("ffi.ModuleGetFunction");
  const Function keep = GlobalFunction::Get("ffi.ModuleGlobalsAdd");
  const Function let_go = GlobalFunction::Get("ffi.ModuleGlobalsRemove");
  Race([&](int thread) {
    for (int i = 0; i < kRounds; ++i) {
      switch (thread % 4) {
        case 0:
          EXPECT_EQ(CallFromImports(shared, thread, i), thread + i);
          break;
        case 1:
          EXPECT_EQ(query(shared, "add", true).cast<Function>()(thread, i).cast<int>(), thread + i);
          EXPECT_TRUE(query(shared, "subtract", true).is_none());
          break;
        case 2:
          EXPECT_EQ(CallFromImports(MakeImporter(), thread, i), thread + i);
          break;
        default: {
          const Module module = Module::LoadFromFile(KILN_TEST_LIBRARY);
          keep(module);
          const Function add = module.GetFunction("add");
          let_go(module);
          EXPECT_EQ(add(thread, i).cast<int>(), thread + i);
        }
      }
    }
  });
}

int ReturnNumber(void*, const TVMFFIAny*, int32_t, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = 5;
  return 0;
}

TEST(RacingModules, SymbolsAreRegisteredWhileModulesLookThemUp) {
  static int target = 0;
  CheckCall(TVMFFIEnvModRegisterSystemLibSymbol("__tvm_ffi_racing_0",
                                                reinterpret_cast<void*>(&ReturnNumber)));
  Race([&](int thread) {
    for (int i = 0; i < kRounds; ++i) {
      const std::string number = std::to_string(i);
      const std::string symbol = "__tvm_ffi_racing_" + number;
      switch (thread % 4) {
        case 0:
          CheckCall(TVMFFIEnvModRegisterSystemLibSymbol(symbol.c_str(),
                                                        reinterpret_cast<void*>(&ReturnNumber)));
          break;
        case 1:
          CheckCall(
              TVMFFIEnvModRegisterContextSymbol(("__kiln_test_unused_" + number).c_str(), &target));
          break;
        case 2: {
          const auto library = GlobalFunction::Get("ffi.SystemLib")().cast<Module>();
          EXPECT_EQ(library.GetFunction("racing_0")().cast<int>(), 5);
          if (const auto function = library.FindFunction("racing_" + number)) {
            EXPECT_EQ((*function)().cast<int>(), 5);
          }
          break;
        }
        default:
          EXPECT_TRUE(Module::LoadFromFile(KILN_TEST_LIBRARY)->ImplementsFunction("add"));
      }
    }
  });
}

TEST(RacingErrors, EachArrivesWithTheBacktraceOfItsThreadWhileLibrariesComeAndGo) {
  Race([&](int thread) {
    const std::string message = "of thread " + std::to_string(thread);
    for (int i = 0; i < kRounds; ++i) {
      if (thread % 4 == 0) {
        // Its frames lie in a library that is dropped right after.
        const Function add = Module::LoadFromFile(KILN_TEST_LIBRARY).GetFunction("add");
        try {
          add("one");
          ADD_FAILURE() << "no error";
        } catch (const Error& error) {
          EXPECT_EQ(error.message(), "add takes two integers");
          EXPECT_NE(error.backtrace().find("  File \""), std::string::npos);
        }
        continue;
      }
      TVMFFIErrorSetRaisedFromCStr("ValueError", message.c_str());
      const TVMFFIByteArray* here = TVMFFIBacktrace("here.cc", thread, "Here", 1);
      EXPECT_EQ(details::ViewOf(*here).find("  File \"here.cc\", line " + std::to_string(thread)),
                0u);
      TVMFFIObjectHandle handle = nullptr;
      TVMFFIErrorMoveFromRaised(&handle);
      ASSERT_NE(handle, nullptr);
      const Error error(ObjectPtr<ErrorObj>::AdoptHandle(handle));
      EXPECT_EQ(error.message(), message);
      EXPECT_NE(error.backtrace().find("  File \""), std::string::npos);
    }
  });
}

}  // namespace
}  // namespace kiln
