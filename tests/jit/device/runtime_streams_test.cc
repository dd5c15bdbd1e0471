#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): the calls under test

using RuntimeStreams = StandIn;

TEST_F(RuntimeStreams, StreamsAndEventsAreTheDrivers) {
  void* stream = nullptr;
  void* start = nullptr;
  void* end = nullptr;
  EXPECT_EQ(cudaStreamCreateWithPriority(&stream, 1, -2), kSuccess);
  EXPECT_EQ(cudaEventCreate(&start), kSuccess);
  EXPECT_EQ(cudaEventCreateWithFlags(&end, 2), kSuccess);
  EXPECT_EQ(cudaEventRecord(start, stream), kSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(stream, start, 0), kSuccess);
  EXPECT_EQ(cudaEventRecord(end, nullptr), kSuccess);
  EXPECT_EQ(cudaEventSynchronize(end), kSuccess);
  EXPECT_EQ(cudaEventQuery(end), kSuccess);
  EXPECT_EQ(cudaStreamQuery(stream), kSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream), kSuccess);
  float milliseconds = 0;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, end), kSuccess);
  EXPECT_EQ(milliseconds, 0.5F);
  EXPECT_EQ(cudaEventDestroy(start), kSuccess);
  EXPECT_EQ(cudaEventDestroy(end), kSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), kSuccess);
  EXPECT_STREQ(kiln_standin_log(),
               "cuStreamCreateWithPriority 1 -2\n"
               "cuEventCreate 0\n"
               "cuEventCreate 2\n"
               "cuEventRecord\n"
               "cuStreamWaitEvent\n"
               "cuEventRecord\n"
               "cuEventSynchronize\n"
               "cuEventQuery\n"
               "cuStreamQuery\n"
               "cuStreamSynchronize\n"
               "cuEventElapsedTime\n"
               "cuEventDestroy\n"
               "cuEventDestroy\n"
               "cuStreamDestroy\n");
  EXPECT_EQ(kiln_standin_count("streams") + kiln_standin_count("events"), 0U);
}

TEST_F(RuntimeStreams, PlainStreamsHaveNoFlagsAndNoPriority) {
  void* stream = nullptr;
  EXPECT_EQ(cudaStreamCreate(&stream), kSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), kSuccess);
  EXPECT_EQ(cudaStreamCreateWithFlags(&stream, 1), kSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), kSuccess);
  EXPECT_EQ(Calls("cuStreamCreateWithPriority"),
            (std::vector<std::string>{"cuStreamCreateWithPriority 0 0",
                                      "cuStreamCreateWithPriority 1 0"}));
}

TEST_F(RuntimeStreams, WorkThatIsNotDoneIsNoLastError) {
  kiln_standin_fail("cuStreamQuery", kNotReady);
  EXPECT_EQ(cudaStreamQuery(nullptr), kNotReady);
  EXPECT_EQ(cudaGetLastError(), kSuccess);
}

TEST_F(RuntimeStreams, HandlesThatAreNoneAreErrors) {
  int no_stream = 0;
  EXPECT_EQ(cudaStreamSynchronize(&no_stream), kInvalidHandle);
  EXPECT_EQ(cudaEventRecord(&no_stream, nullptr), kInvalidHandle);
  EXPECT_EQ(cudaGetLastError(), kInvalidHandle);
}

}  // namespace
}  // namespace kiln::jit
