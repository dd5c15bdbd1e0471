// Code that the engine compiled and linked meets the runtime API as its own symbols: the host part
// of a CUDA source, written out in C as Clang would make it.

#include "jit/session.h"
#include "kiln/module.h"
#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

constexpr const char* kDeclarations = R"(
typedef struct { unsigned x, y, z; } dim3;
typedef unsigned long size_t;
int cudaMalloc(void**, size_t);
int cudaFree(void*);
int cudaMemcpy(void*, const void*, size_t, int);
int cudaMemcpyToSymbol(const void*, const void*, size_t, size_t, int);
int cudaGetLastError(void);
unsigned __cudaPushCallConfiguration(dim3, dim3, size_t, void*);
unsigned __cudaPopCallConfiguration(dim3*, dim3*, size_t*, void**);
int __kiln_launch_kernel(void*, dim3, dim3, void**, size_t, void*);
void** __cudaRegisterFatBinary(const void*);
void __cudaRegisterFatBinaryEnd(void**);
void __cudaUnregisterFatBinary(void**);
int __cudaRegisterFunction(void**, const void*, char*, const char*, int, void*, void*, void*, void*,
                           int*);
void __cudaRegisterVar(void**, char*, char*, const char*, int, size_t, int, int);
)";

constexpr const char* kHostPart = R"(
static float table[8];
static void saxpy_stub(float a, const float* x, float* y, long n);
static struct { void* kernel; const void* stub; } slot = {0, (const void*)&saxpy_stub};
static void saxpy_stub(float a, const float* x, float* y, long n) {
  void* arguments[] = {&a, &x, &y, &n};
  dim3 grid, block;
  size_t shared;
  void* stream;
  __cudaPopCallConfiguration(&grid, &block, &shared, &stream);
  __kiln_launch_kernel(&slot, grid, block, arguments, shared, stream);
}
static struct { int magic, version; const void* data; void* unused; } wrapper =
    {0x466243b1, 1, fat_binary, 0};
static void** code;
__attribute__((constructor)) static void load(void) {
  code = __cudaRegisterFatBinary(&wrapper);
  __cudaRegisterFunction(code, (const void*)&saxpy_stub, "saxpy", "saxpy", -1, 0, 0, 0, 0, 0);
  __cudaRegisterVar(code, (char*)table, "table", "table", 0, sizeof table, 1, 0);
  __cudaRegisterFatBinaryEnd(code);
}
__attribute__((destructor)) static void unload(void) { __cudaUnregisterFatBinary(code); }

int run(long blocks) {
  void* x = 0;
  float ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  cudaMalloc(&x, sizeof ones);
  cudaMemcpy(x, ones, sizeof ones, 1);
  cudaMemcpyToSymbol(table, ones, sizeof ones, 0, 1);
  dim3 grid = {(unsigned)blocks, 2, 3}, block = {32, 4, 1};
  if (__cudaPushCallConfiguration(grid, block, 96, 0) == 0) saxpy_stub(2.5f, x, x, 8);
  cudaFree(x);
  return cudaGetLastError();
}
)";

std::string AsArray(const std::string& bytes) {
  std::string text = "static const unsigned char fat_binary[] __attribute__((aligned(8))) = {";
  for (const char byte : bytes) text += std::to_string(static_cast<unsigned char>(byte)) + ",";
  return text + "};\n";
}

class CompiledCode : public StandIn {
 protected:
  static Module Compile(const std::string& text) {
    Request request;
    request.sources.push_back({Language::kC, "host.c", text});
    request.options.exports = {"all"};
    static Session session;
    return session.Compile(std::move(request));
  }
};

TEST_F(CompiledCode, RegistersLaunchesAndUnloadsItself) {
  {
    const Module module = Compile(kDeclarations + AsArray(WriteFatBinary(Images())) + kHostPart);
    EXPECT_STREQ(kiln_standin_log(), "");
    EXPECT_EQ(module.GetFunction("run")(5).cast<int>(), 0);
    EXPECT_EQ(
        Calls("cuLaunchKernelEx"),
        std::vector<std::string>{"cuLaunchKernelEx saxpy on 0 grid 5,2,3 block 32,4,1 smem 96"});
    EXPECT_EQ(kiln_standin_count("libraries"), 1U);
    EXPECT_EQ(module.GetFunction("run")(0).cast<int>(), kInvalidConfiguration);
  }
  EXPECT_EQ(kiln_standin_count("libraries"), 0U);
  EXPECT_EQ(kiln_standin_count("allocations"), 0U);
}

TEST_F(CompiledCode, CallThatIsNotProvidedIsALinkErrorThatNamesIt) {
  try {
    Compile("int cudaGraphCreate(void*, int);\nint f(void) { return cudaGraphCreate(0, 0); }\n");
    FAIL() << "it was linked";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "LinkError");
    EXPECT_NE(error.message().find("cudaGraphCreate"), std::string_view::npos) << error.what();
  }
}

}  // namespace
}  // namespace kiln::jit
