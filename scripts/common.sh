# Shared by the scripts of this folder, which source it. Not a program of its own.
# After it, the working directory is the root of the repository and VENV is its Python environment.
# shellcheck shell=bash
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly VENV=$PWD/.deps/venv

step() { printf '\n==> %s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# require PROGRAM: stops, with what to do, where PROGRAM is not in PATH.
require() {
  command -v "$1" >/dev/null || fail "$1 is not installed: run scripts/setup.sh"
}

# build NAME [CMAKE-ARGUMENT...]: configures and builds build/NAME.
build() {
  local name=$1 folder=build/$1
  shift
  require cmake
  require ninja
  if [[ -x $VENV/bin/python ]]; then
    set -- "-DPython3_EXECUTABLE=$VENV/bin/python" "$@"
  fi
  step "build $folder"
  cmake -G Ninja -S . -B "$folder" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "$@"
  cmake --build "$folder"
  if [[ $name == release ]]; then
    ln -sfn "$folder/compile_commands.json" compile_commands.json
  fi
}
