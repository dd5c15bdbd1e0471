#!/usr/bin/env bash
# Builds the fuzzers of tests/fuzz/jit and runs one of them, or all in turn.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly KINDS='c ir bitcode object options'

usage() {
  cat <<TXT
Usage: scripts/fuzz.sh [KIND] [SECONDS]

Builds build/fuzz with Clang and libFuzzer, and lets the engine compile and link inputs of a kind for
that many seconds (60): ${KINDS// /, }, or all of them in turn. scripts/setup.sh must have run once.

What was learnt stays in build/fuzz/corpus/KIND, for the next run. Inputs that break a promise are in
build/fuzz/found/KIND: copy one to tests/fuzz/jit/findings/KIND, which the tests read. An input that
takes over a minute is there too (timeout-*) and ends nothing: LLVM has endless compiles. Inputs on
which LLVM crashed and the engine went on are in build/fuzz/survived/KIND.

Exit status: 0 where no promise was broken.
TXT
}

# Restarts the fuzzer where an input took too long, or survived crashes hold too much memory.
fuzz() {
  local kind=$1 end=$((SECONDS + $2)) status dictionary=() here=build/fuzz
  [[ -f tests/fuzz/jit/$kind.dict ]] && dictionary=("-dict=tests/fuzz/jit/$kind.dict")
  mkdir -p "$here"/{corpus,found,survived}/"$kind"
  step "fuzz $kind for $2 s"
  while ((SECONDS < end)); do
    status=0
    KILN_FUZZ_SURVIVED=$here/survived/$kind "$here/bin/fuzz_$kind" "${dictionary[@]}" \
      -max_len="$([[ $kind == object ]] && echo 65536 || echo 8192)" -timeout=60 -mutate_depth=2 \
      -rss_limit_mb=4096 -max_total_time=$((end - SECONDS)) -print_final_stats=1 \
      -artifact_prefix="$here/found/$kind/" "$here/corpus/$kind" \
      "$here/tests/fuzz/jit/seeds/$kind" </dev/null || status=$?
    # libFuzzer's: 70 for an input that takes too long, 71 for too much memory.
    case $status in
      0 | 70 | 71) ;;
      *) fail "the fuzzer of $kind ended with status $status: see above, and $here/found/$kind" ;;
    esac
  done
}

kind=all
case ${1-} in
  -h | --help) usage; exit ;;
esac
if [[ -n ${1-} ]]; then kind=$1; fi
[[ " all $KINDS " == *" $kind "* ]] || { usage >&2; fail "unknown kind of input '$kind'"; }

# The version of the LLVM that the build finds first.
cmake -G Ninja -S . -B build/fuzz -DCMAKE_BUILD_TYPE=Release -DKILN_FUZZ=ON \
  -DKILN_BUILD_PYTHON=OFF -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 \
  "-DPython3_EXECUTABLE=$VENV/bin/python"
cmake --build build/fuzz --target kiln_fuzzers
if [[ $kind == all ]]; then
  for kind in $KINDS; do fuzz "$kind" "${2:-60}"; done
else
  fuzz "$kind" "${2:-60}"
fi
