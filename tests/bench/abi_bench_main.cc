#include "tests/bench/abi_bench.h"

int main(int argc, char** argv) {
  kiln::testing::RegisterAbiBenchmarks(kiln::testing::MakeAbiJobs());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
