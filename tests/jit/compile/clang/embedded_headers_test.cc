#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

TEST(EmbeddedHeaders, AKernelNeedsNoFileOnDisk) {
  const Artifact artifact = CompileC(
      R"(#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <kiln/dlpack.h>
#include <dlpack/dlpack.h>
#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>
#include <limits.h>
#include <float.h>
#include <stdatomic.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>
#include <stdlib.h>
int __tvm_ffi_add_one(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  if (num_args != 1 || isnan(sqrtf(2.0f))) return -1;
  result->type_index = kTVMFFIInt;
  result->v_int64 = args[0].v_int64 + 1;
  return 0;
}
)",
      Hermetic());
  EXPECT_EQ(artifact.exports, std::vector<std::string>{"add_one"});
  EXPECT_TRUE(artifact.warnings.empty());
}

TEST(EmbeddedHeaders, HermeticCompilesDoNotSeeTheMachine) {
  const Thrown thrown = ThrownBy([] { CompileC("#include <stdio.h>\n", Hermetic()); });
  EXPECT_TRUE(Contains(thrown.message, "'stdio.h' file not found")) << thrown.message;
  CompileC("#include <stdio.h>\n#include <math.h>\n#include <string.h>\n#include <stdlib.h>\n");
}

TEST(EmbeddedHeaders, EveryIntrinsicOfTheTargetCompiles) {
  CompileOptions options = Hermetic();
  options.cpu = "x86-64-v4";
  CompileC(
      "#include <immintrin.h>\n"
      "__m512 f(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }\n",
      options);
}

TEST(EmbeddedHeaders, StandInsAgreeWithTheBuiltinsThatTheyDeclare) {
  // A wrong prototype of a library function is a warning in Clang.
  const Artifact artifact =
      CompileC("#include <math.h>\n#include <string.h>\n#include <stdlib.h>\n", Hermetic());
  for (const Diagnostic& warning : artifact.warnings) ADD_FAILURE() << Format(warning);
}

}  // namespace
}  // namespace kiln::jit
