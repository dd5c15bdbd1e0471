#include "jit/cli/doctor_text.h"

#include <gtest/gtest.h>

#include <kiln/error.h>

namespace kiln::cli {
namespace {

TEST(DoctorText, AlignsWhatIsThereAndSaysWhereItLooked) {
  EXPECT_EQ(DoctorText(R"({
    "kiln": "0.1.0", "llvm": "19.1.7", "runtime": "/lib/libtvm_ffi.so",
    "nvrtc": {"found": false, "path": "", "version": "", "looked_at": ["a.so", "/b/c.so"]},
    "driver": {"found": true, "path": "/lib/libcuda.so.1", "version": "13.0", "looked_at": []},
    "gpus": [{"name": "First", "compute_capability": "9.0"},
             {"name": "Second", "compute_capability": "8.6"}],
    "cache": {"kind": "none", "text": "nothing is kept"}})"),
            "kiln      0.1.0\n"
            "llvm      19.1.7\n"
            "runtime   /lib/libtvm_ffi.so\n"
            "nvrtc     not found; looked at\n"
            "            a.so\n"
            "            /b/c.so\n"
            "driver    13.0  /lib/libcuda.so.1\n"
            "gpus      First, compute capability 9.0\n"
            "          Second, compute capability 8.6\n"
            "cache     none: nothing is kept\n");
}

TEST(DoctorText, NoGpuIsSaid) { EXPECT_EQ(DoctorText(R"({"gpus": []})"), "gpus      none\n"); }

TEST(DoctorText, UnreadableReportsAreErrors) {
  EXPECT_THROW(DoctorText(""), Error);
  EXPECT_THROW(DoctorText("[]"), Error);
  EXPECT_THROW(DoctorText(R"({"nvrtc": 3})"), Error);
}

}  // namespace
}  // namespace kiln::cli
