#!/usr/bin/env bash
# Formats the tree (clang-format, ruff, rustfmt), checks that it is formatted, or lints it
# (clang-tidy). The check lints the shell scripts too: that is quick.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly CLANG_FORMAT=clang-format-19
readonly CLANG_TIDY=clang-tidy-19
readonly TIDY_SECONDS=300
readonly RUFF=$VENV/bin/ruff

usage() {
  cat <<'TXT'
Usage: scripts/format.sh [--check]
       scripts/format.sh --tidy [FILE.cc...]

Formats every C, C++, Python and Rust file that git knows or would add.

  --check  change nothing; list the files that are not formatted, run shellcheck over the scripts,
           and exit 1 if there is anything to mend
  --tidy   lint the .cc files given, else those that differ from HEAD, by the compile commands of
           build/release; exit 1 on any warning. A file that takes over 5 minutes is left out, and
           named.
TXT
}

# sources PATTERN...: the files that match, zero terminated, tracked or not yet added.
sources() {
  local file
  git ls-files -z --cached --others --exclude-standard -- "$@" | sort -zu |
    while IFS= read -r -d '' file; do
      [[ ! -f $file ]] || printf '%s\0' "$file"
    done
}

format_tree() {
  sources '*.cc' '*.h' '*.c' | xargs -0 -r "$CLANG_FORMAT" -i
  sources '*.py' '*.pyi' | xargs -0 -r "$RUFF" format --quiet --no-cache --line-length 100
  sources '*.rs' | xargs -0 -r rustfmt --edition 2021
}

# Prints the files that a formatter would change: each runs once a file, whose name comes last.
unformatted() {
  # shellcheck disable=SC2016  # for the inner shell to expand
  local check=(xargs -0 -r -n 1 -P "$(nproc)" bash -c
    '"$@" >/dev/null 2>&1 || printf "%s\n" "${@: -1}"' _)
  sources '*.cc' '*.h' '*.c' | "${check[@]}" "$CLANG_FORMAT" --dry-run --Werror | sort
  sources '*.py' '*.pyi' | "${check[@]}" "$RUFF" format --no-cache --line-length 100 --check | sort
  sources '*.rs' | "${check[@]}" rustfmt --edition 2021 --check | sort
}

check_tree() {
  local files
  files=$(unformatted)
  if [[ -n $files ]]; then
    printf '%s\n' "$files"
    fail "$(wc -l <<<"$files") files are not formatted: run scripts/format.sh"
  fi
  shellcheck -x -P scripts scripts/*.sh .ci/run || fail "shellcheck has warnings, above"
  echo "format: every file is formatted, and no script has a warning"
}

tidy() {
  local files=("$@") file status failed=0
  if ((${#files[@]} == 0)); then
    mapfile -d '' -t files < <(
      git diff -z --name-only --diff-filter=d HEAD -- '*.cc'
      git ls-files -z --others --exclude-standard -- '*.cc'
    )
  fi
  [[ -f build/release/compile_commands.json ]] ||
    fail "build/release/compile_commands.json is not there: run scripts/quickstart.sh first"
  for file in "${files[@]}"; do
    echo "tidy: $file"
    status=0
    timeout "$TIDY_SECONDS" "$CLANG_TIDY" -p build/release --quiet --warnings-as-errors='*' \
      "$file" || status=$?
    case $status in
      0) ;;
      124) echo "tidy: $file left out, over $TIDY_SECONDS s" ;;
      *) failed=1 ;;
    esac
  done
  ((failed == 0)) || fail "clang-tidy has warnings, above"
  echo "tidy: ${#files[@]} files, no warning"
}

require git
case ${1-} in
  -h | --help) usage; exit ;;
  --tidy) require "$CLANG_TIDY"; tidy "${@:2}"; exit ;;
  '' | --check) (($# <= 1)) || { usage >&2; fail "unknown argument '$2'"; } ;;
  *) usage >&2; fail "unknown argument '$1'" ;;
esac
require "$CLANG_FORMAT"
require "$RUFF"
if [[ -n $(git ls-files -- '*.rs') ]]; then require rustfmt; fi
if [[ ${1-} == --check ]]; then
  require shellcheck
  check_tree
else
  format_tree
fi
