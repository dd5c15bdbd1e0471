#!/usr/bin/env bash
# Builds, and runs the benchmarks. Arguments go to the benchmark program.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'TXT'
Usage: scripts/bench.sh [BENCHMARK-OPTION...]

Builds build/release and runs the benchmarks there; scripts/setup.sh must have run once. Options go
to Google Benchmark, for instance:

  scripts/bench.sh --benchmark_list_tests
  scripts/bench.sh --benchmark_filter=Call --benchmark_repetitions=10

Figures are printed, and written as JSON to build/release/bench.json.
TXT
}

case ${1-} in
  -h | --help) usage; exit ;;
esac

readonly RESULTS=build/release/bench.json
build release
step "run build/release/tests/bench/kiln_bench"
build/release/tests/bench/kiln_bench --benchmark_out="$RESULTS" --benchmark_out_format=json "$@"
echo "bench: results are in $RESULTS"
