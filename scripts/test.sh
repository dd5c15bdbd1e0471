#!/usr/bin/env bash
# Sets up, builds, and runs all tests; then checks the formatting. The last lines say how each went.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'TXT'
Usage: scripts/test.sh [--sanitize] [--tsan] [--all] [--no-setup]

Installs what is missing, builds, runs the tests, and checks the formatting. With no option the
tests run on the release build.

  --sanitize  in its place: the tests under AddressSanitizer and UndefinedBehaviorSanitizer
  --tsan      in its place: the tests labelled `concurrent` under ThreadSanitizer
  --all       the three of them
  --no-setup  don't install anything first

Exit status: 0 when every stage passed.
TXT
}

run_tests() {
  local name=$1
  shift
  step "test build/$name"
  ctest --test-dir "build/$name" --output-on-failure --no-tests=error --parallel "$(nproc)" \
    --timeout 600 "$@" </dev/null
}

run_stage() {
  case $1 in
    release)
      build release
      run_tests release
      ;;
    sanitize)
      # LLVM gives a thread that runs lld a signal stack of its own, which AddressSanitizer would
      # take for its.
      export ASAN_OPTIONS=detect_leaks=1:halt_on_error=1:strict_string_checks=1:use_sigaltstack=0
      export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
      build sanitize -DKILN_SANITIZE=address,undefined
      run_tests sanitize
      ;;
    tsan)
      export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp"
      build tsan -DKILN_SANITIZE=thread
      # ThreadSanitizer refuses to start where the kernel spreads mappings more widely than it
      # expects: fixed addresses help, where the machine lets a process ask for them.
      if setarch --addr-no-randomize true 2>/dev/null; then
        ctest() { setarch --addr-no-randomize ctest "$@"; }
      fi
      run_tests tsan --label-regex '^concurrent$'
      ;;
    format)
      step "check the formatting"
      bash scripts/format.sh --check
      ;;
  esac
}

setup=yes
stages=()
for argument in "$@"; do
  case $argument in
    --sanitize) stages+=(sanitize) ;;
    --tsan) stages+=(tsan) ;;
    --all) stages+=(release sanitize tsan) ;;
    --no-setup) setup=no ;;
    -h | --help) usage; exit ;;
    *) usage >&2; fail "unknown argument '$argument'" ;;
  esac
done
((${#stages[@]})) || stages=(release)
stages+=(format)

if [[ $setup == yes ]]; then bash scripts/setup.sh; fi

# A stage that fails does not keep the next from running. The subshell is no condition of an `if`,
# so that `set -e` holds inside it.
summary=()
failed=0
for stage in "${stages[@]}"; do
  SECONDS=0
  set +e
  (
    set -e
    run_stage "$stage"
  )
  status=$?
  set -e
  if ((status == 0)); then verdict=passed; else verdict=FAILED failed=1; fi
  summary+=("$(printf '%-10s%s in %d s' "$stage" "$verdict" "$SECONDS")")
done

step "test.sh: how each stage went"
printf '%s\n' "${summary[@]}"
exit "$failed"
