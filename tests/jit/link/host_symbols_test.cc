#include "jit/link/host_symbols.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

// The functions that a header of the ABI exports.
std::set<std::string> FunctionsOf(const std::string& header) {
  std::ifstream file(std::string(KILN_ABI_C_DIR) + "/tvm/ffi/" + header);
  EXPECT_TRUE(file) << header;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> names;
  for (size_t mark = text.find("TVM_FFI_DLL "); mark != std::string::npos;
       mark = text.find("TVM_FFI_DLL ", mark + 1)) {
    const std::string declaration = text.substr(mark, text.find(';', mark) - mark);
    const size_t open = declaration.find('(');
    const size_t name = declaration.rfind("TVMFFI", open);
    if (open != std::string::npos && name != std::string::npos) {
      names.insert(declaration.substr(name, open - name));
    }
  }
  return names;
}

TEST(AbiSymbols, AreTheFunctionsOfTheHeaders) {
  std::set<std::string> declared = FunctionsOf("c_api.h");
  declared.merge(FunctionsOf("extra/c_env_api.h"));
  std::set<std::string> known;
  for (const HostSymbol& symbol : AbiSymbols()) known.emplace(symbol.name);
  EXPECT_EQ(known, declared);
}

TEST(AbiSymbols, AreSorted) {
  EXPECT_TRUE(
      std::is_sorted(AbiSymbols().begin(), AbiSymbols().end(),
                     [](const HostSymbol& a, const HostSymbol& b) { return a.name < b.name; }));
}

TEST(FindHostSymbol, FindsTheAbiByThisLibrarysOwnReferences) {
  for (const HostSymbol& symbol : AbiSymbols()) {
    EXPECT_EQ(FindHostSymbol(std::string(symbol.name)), symbol.address) << symbol.name;
  }
}

TEST(FindHostSymbol, FindsTheLibrariesThatCompiledCodeLeansOn) {
  EXPECT_NE(FindHostSymbol("sinf"), nullptr);
  EXPECT_NE(FindHostSymbol("memcpy"), nullptr);
  EXPECT_NE(FindHostSymbol("_Unwind_Resume"), nullptr);
  EXPECT_NE(FindHostSymbol("__emutls_get_address"), nullptr);
  EXPECT_NE(FindHostSymbol("__cxa_throw"), nullptr);
  EXPECT_EQ(FindHostSymbol("malloc"), reinterpret_cast<void*>(&malloc));
}

TEST(FindHostSymbol, AnswersNullForTheRest) {
  EXPECT_EQ(FindHostSymbol("no_such_symbol"), nullptr);
  EXPECT_EQ(FindHostSymbol(""), nullptr);
}

}  // namespace
}  // namespace kiln::jit
