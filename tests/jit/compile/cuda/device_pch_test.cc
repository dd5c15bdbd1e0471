#include "jit/compile/cuda/device_pch.h"

#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jit/compile/cuda/cuda_include_dirs.h"
#include "jit/compile/cuda/device_headers.h"
#include "tests/jit/compile/cuda/device.h"

namespace kiln::jit {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kOptions = {"-arch=compute_90", "--std=c++17"};

std::optional<std::string> KeyOf(const DeviceSource& source,
                                 const std::vector<std::string>& options = kOptions) {
  return PchKey(OpenNvrtc(), source, options, FindCudaIncludeDirs(OpenNvrtc(), "").folders);
}

DeviceSource WithHeader(const std::string& text, const std::string& header) {
  DeviceSource source = Source(text);
  source.headers["h.h"] = header;
  return source;
}

std::string PtxOf(const DeviceSource& source) {
  return CompileDevice(source, For({"compute_90"})).images[0].code;
}

TEST(DevicePch, IsForSourcesWithHeadersThatTakeTime) {
  EXPECT_TRUE(KeyOf(Source("#include <cuda_fp16.h>\n")));
  EXPECT_TRUE(KeyOf(Source("#include <cub/cub.cuh>\n")));
  EXPECT_TRUE(KeyOf(WithHeader("#include \"h.h\"\n", "#include <cstdint>\n")));
  EXPECT_FALSE(KeyOf(Source("__global__ void k() {}\n")));
  EXPECT_FALSE(KeyOf(Source("#include <cstdint>\n#include <cuda_runtime.h>\n")));
  EXPECT_FALSE(KeyOf(Source("int x;\n#include <cuda_fp16.h>\n")));
}

TEST(DevicePch, IsNotForHeadersThatMayChangeUnseen) {
  EXPECT_FALSE(KeyOf(Source("#include <cuda_fp16.h>\n#include \"on_disk.h\"\n")));
  EXPECT_FALSE(KeyOf(Source("#include <cuda_fp16.h>\n#include NAME\n")));
  EXPECT_FALSE(KeyOf(WithHeader("#include \"h.h\"\n", "#include \"on_disk.h\"\n")));
  DeviceSource source = Source("#include <cuda_fp16.h>\n");
  source.include_dirs = {"/"};
  EXPECT_FALSE(KeyOf(source));
}

TEST(DevicePch, HasAKeyForEveryMeaningOfTheHeaders) {
  const DeviceSource source = WithHeader("#include \"h.h\"\nint a;\n", "int h;\n");
  const auto key = KeyOf(source);
  EXPECT_EQ(KeyOf(WithHeader("#include \"h.h\"\nint b;\n", "int h;\n")), key);
  EXPECT_NE(KeyOf(WithHeader("#include \"h.h\"\nint a;\n", "int i;\n")), key);
  EXPECT_NE(KeyOf(WithHeader("#define A\n#include \"h.h\"\nint a;\n", "int h;\n")), key);
  EXPECT_NE(KeyOf(source, {"-arch=compute_80", "--std=c++17"}), key);
}

TEST(DevicePch, IsMadeOnceThenUsedAndLeavesNoFile) {
  const std::vector<std::string> folders = FindCudaIncludeDirs(OpenNvrtc(), "").folders;
  const DeviceSource source =
      Source("#include <cuda_fp16.h>\n__global__ void k(__half* x) { x[0] = __hneg(x[1]); }\n");
  const auto compile = [&](PchLease* lease) {
    NvrtcProgram program(OpenNvrtc(), source.name, source.text, DeviceHeaders(source, folders));
    std::vector<std::string> options = kOptions;
    for (const std::string& folder : folders) options.push_back("-I" + folder);
    if (lease != nullptr) {
      options.insert(options.end(), lease->options().begin(), lease->options().end());
    }
    EXPECT_EQ(program.Compile(options), NvrtcProgram::kSuccess) << program.Log();
    if (lease != nullptr) {
      EXPECT_TRUE(lease->Finish(program, program.Log(), true)) << program.Log();
    }
    return program.Ptx();
  };
  const std::string plain = compile(nullptr);
  {
    PchLease maker(OpenNvrtc(), "a key");
    EXPECT_FALSE(maker.is_use());
    ASSERT_EQ(maker.options().size(), 1U);
    const std::string path = maker.options()[0].substr(std::string("--create-pch=").size());
    PchLease meanwhile(OpenNvrtc(), "a key");
    EXPECT_TRUE(meanwhile.options().empty());
    EXPECT_EQ(compile(&maker), plain);
    EXPECT_TRUE(std::filesystem::exists(path));
    {
      PchLease moved_on(OpenNvrtc(), "another key");
    }
  }
  for (int i = 0; i < 2; ++i) {
    PchLease user(OpenNvrtc(), "a key");
    EXPECT_TRUE(user.is_use());
    EXPECT_THAT(user.options().at(0), HasSubstr("--use-pch=/proc/self/fd/"));
    EXPECT_EQ(compile(&user), plain);
  }
}

TEST(DevicePch, ChangesNothingInTheCode) {
  const std::string includes = "#include <cuda_fp16.h>\n";
  const auto kernel = [](int i) {
    return "namespace { __global__ void k(__half* x) { x[0] = __hadd(x[1], x[" + std::to_string(i) +
           "]); } }\n";
  };
  for (int i = 1; i < 4; ++i) {
    // A key that is used once never has a form to use.
    const std::string alone = "#define ALONE " + std::to_string(i) + "\n" + includes;
    EXPECT_EQ(Compile(includes + kernel(i), {"k"}).images,
              Compile(alone + kernel(i), {"k"}).images);
  }
}

TEST(DevicePch, NeverHasAnOldHeader) {
  const std::string text =
      "#include <cuda_fp16.h>\n#include \"h.h\"\n__global__ void k(int* x) { x[0] = kValue; }\n";
  for (const char* value : {"1111", "1111", "2222", "2222", "1111"}) {
    const std::string header = "constexpr int kValue = " + std::string(value) + ";\n";
    EXPECT_THAT(PtxOf(WithHeader(text, header)), HasSubstr(value));
  }
}

TEST(DevicePch, KeepsLinesOfErrorsAndWarningsOfHeaders) {
  const std::string text =
      "#include <cuda_fp16.h>\n#include \"h.h\"\n__global__ void k(int* x) { x[0] = 1; }\n";
  const std::string header = "__device__ inline void f() {\n  int unused;\n}\n";
  for (int i = 0; i < 3; ++i) {
    const DeviceCode code = CompileDevice(WithHeader(text, header), For({"compute_90"}));
    ASSERT_EQ(code.diagnostics.size(), 1U) << i;
    EXPECT_EQ(code.diagnostics[0].file, "h.h");
    EXPECT_EQ(code.diagnostics[0].line, 2U);
    const Thrown error = ErrorOf("#include <cuda_fp16.h>\n\n__global__ void k() {\n  y;\n}\n");
    EXPECT_EQ(error.message,
              "k.cu: 1 error\nk.cu:4:3: error: identifier \"y\" is undefined\n    y;\n    ^");
  }
}

TEST(DevicePch, WorksForSourcesOfOtherNames) {
  for (const char* name : {"a.cu", "b.cu", "c.cu"}) {
    DeviceSource source = Source("#include <cuda_fp16.h>\n\n__global__ void k() { y; }\n");
    source.name = name;
    const Thrown error = ThrownBy([&] { CompileDevice(source, For({"sm_90"})); });
    EXPECT_THAT(error.message, HasSubstr(std::string(name) + ":3:23: error"));
  }
}

TEST(DevicePch, IsUsedByManyThreads) {
  std::vector<std::string> ptx(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < ptx.size(); ++i) {
    threads.emplace_back([&ptx, i] {
      ptx[i] = Compile("#include <cuda_fp16.h>\n__global__ void k(int* x) { x[0] = " +
                           std::to_string(4711 + i) + "; }\n",
                       {}, For({"compute_90"}))
                   .images[0]
                   .code;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < ptx.size(); ++i) {
    EXPECT_THAT(ptx[i], HasSubstr(std::to_string(4711 + i)));
  }
}

TEST(DevicePch, LeavesNoWordInTheLog) {
  EXPECT_EQ(WithoutPchLines("a\n\"k.cu\": using precompiled header file \"/proc/self/fd/3\"\nb\n"),
            "a\nb\n");
  EXPECT_EQ(LogOfHeaders("a\n\"k.cu\": creating precompiled header file \"/t\"\nb\n"), "a\n");
  EXPECT_EQ(LogOfHeaders("a\nb\n"), "");
}

}  // namespace
}  // namespace kiln::jit
