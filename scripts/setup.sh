#!/usr/bin/env bash
# Installs everything that Kiln needs to build and pass its tests, from nothing, on Debian 12 and
# Ubuntu 24.04: packages through apt, and a Python environment in .deps/venv. It asks nothing. Where
# all is in place already it changes nothing and is done in a moment.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Package, then the reason for it. The names are the same on both systems.
readonly PACKAGES='
g++                 the C++20 compiler of the build, its sanitizers and libbacktrace
cmake               the build
ninja-build         runs the build
pkgconf             tells CMake where libsodium is
git                 lists the files that the format check reads
lld-19              links libkiln_jit.so, fast and small
llvm-19-dev         LLVM as static libraries: optimiser, code generator, JITLink
liblld-19-dev       lld as static libraries: the linker that writes shared libraries
libclang-19-dev     Clang as static libraries: the front end for C, C++ and CUDA
libclang-rt-19-dev  conversions of half precision that compiled code calls; libFuzzer
libomp-19-dev       OpenMP for compiled code
libpolly-19-dev     named by the CMake files of LLVM, which refuse to load without it
zlib1g-dev          the LLVM libraries link it
libzstd-dev         compression of artifacts; the LLVM libraries link it too
libdlpack-dev       the tensor structs that the ABI shares with frameworks
libspdlog-dev       logging
libfmt-dev          text formatting under spdlog
libcli11-dev        the command line of kiln
nlohmann-json3-dev  JSON
libsodium-dev       digests and signatures
libgtest-dev        the tests
libgmock-dev        matchers in the tests
libbenchmark-dev    the benchmarks
libtcc-dev          another JIT compiler of C, to compare with in the benchmarks
clang-19            a second compiler in the tests, and the peer in the benchmarks
clang-format-19     formats C and C++
clang-tidy-19       lints C++
binutils            nm and readelf, for the tests of what the libraries export
gdb                 a debugger, which must see compiled code
python3             runs the tests of the source tree, and the Python package
python3-dev         the headers that the Python package is built with
python3-venv        the Python environment in .deps/venv
python3-pip         fills that environment
shellcheck          lints these scripts
'

# What the tests of the Python package need, in each Python that they run in: the reference of the ABI,
# which shares a process with the package and needs typing_extensions; numpy, and jax with all that it
# needs, for arrays to take; pytest and hypothesis with theirs.
readonly SUITE_REQUIREMENTS='apache-tvm-ffi==0.1.15.post2
exceptiongroup==1.3.2; python_version < "3.11"
hypothesis==6.168.5
iniconfig==2.3.1
jax==0.10.2; python_version >= "3.11"
jax==0.6.2; python_version < "3.11"
jaxlib==0.10.2; python_version >= "3.11"
jaxlib==0.6.2; python_version < "3.11"
ml_dtypes==0.6.0
numpy==2.4.6; python_version >= "3.11"
numpy==2.2.6; python_version < "3.11"
opt_einsum==3.4.0
packaging==26.3
pluggy==1.7.0
pygments==2.21.0
pytest==9.2.0
scipy==1.17.1; python_version >= "3.11"
scipy==1.15.3; python_version < "3.11"
sortedcontainers==2.4.0
tomli==2.5.0; python_version < "3.11"
typing_extensions==4.16.0
'

# What else .deps/venv has. The nvidia wheels are NVRTC of CUDA 12 and of CUDA 13 and the headers of
# CUDA's own that device code includes: tests compile kernels with both. mypy, with what it needs, checks
# the types of the Python package, and ruff formats it.
readonly REQUIREMENTS="${SUITE_REQUIREMENTS}ast_serialize==0.13.1
librt==0.17.0
mypy==2.4.1
mypy_extensions==1.2.0
nvidia-cuda-cccl-cu12==12.9.27
nvidia-cuda-cccl==13.3.5.0.6
nvidia-cuda-crt==13.5.37
nvidia-cuda-nvrtc-cu12==12.9.86
nvidia-cuda-nvrtc==13.5.37
nvidia-cuda-runtime-cu12==12.9.79
nvidia-cuda-runtime==13.5.37
pathspec==1.1.1
ruff==0.17.6
"

usage() {
  cat <<'TXT'
Usage: scripts/setup.sh [--help]

Installs what Kiln needs to build and pass its tests: apt packages (as root, or through sudo), a
Python environment in .deps/venv, and one in .deps/venv-3.x for each further CPython from 3.10 on that
is here with its headers: the Python package is built for it and tested in it. It says what it installs
and why. A second run changes nothing.
TXT
}

# Prints the lines of PACKAGES whose package is not installed.
missing_packages() {
  local installed package reason
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null)
  while read -r package reason; do
    [[ -n $package ]] || continue
    grep -qxF "installed $package" <<<"$installed" || printf '%-20s%s\n' "$package" "$reason"
  done <<<"$PACKAGES"
}

install_packages() {
  local missing names as_root=()
  missing=$(missing_packages)
  [[ -n $missing ]] || return 0
  mapfile -t names < <(awk '{ print $1 }' <<<"$missing")

  step "apt packages to install"
  printf '%s\n' "$missing"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "installing packages needs root, and there is no sudo. As root, run:
  apt-get update && apt-get install --yes --no-install-recommends ${names[*]}
and then scripts/setup.sh again."
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get --quiet -o DPkg::Lock::Timeout=300)
  "${as_root[@]}" update
  "${as_root[@]}" install --yes --no-install-recommends "${names[@]}" </dev/null
}

# Prints the first Python that can make an environment: the one in PATH, else the system's.
python_with_venv() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
      printf '%s\n' "$python"
      return
    fi
  done
  fail "no python3 here can make a virtual environment: install python3-venv"
}

# Prints the other versions of CPython that the package can be built for and tested in, in PATH or in
# pyenv's folder: version and program, the first of each version.
other_pythons() {
  local python
  for python in $(compgen -c python3. | grep -x 'python3\.[0-9]*' | sort -u) \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3; do
    "$python" - 2>/dev/null <<'PY' || true
import ensurepip, os, platform, sys, sysconfig, venv
header = os.path.join(sysconfig.get_path("include"), "Python.h")
if platform.python_implementation() == "CPython" and sys.version_info >= (3, 10) and os.path.isfile(header):
    print("%d.%d" % sys.version_info[:2], sys.executable)
PY
  done | sort -t ' ' -k 1,1 -u | grep -v "^$("$VENV/bin/python" -c '
import sys
print("%d.%d" % sys.version_info[:2])') "
}

# make_venv FOLDER PYTHON REQUIREMENTS: an environment with these packages and no others.
# requirements.txt is written last: an environment that has it is complete.
make_venv() {
  local folder=$1 python=$2 requirements=$3
  if cmp -s "$folder/requirements.txt" <(printf '%s' "$requirements") &&
    "$folder/bin/python" -c 'import pytest' 2>/dev/null; then
    return
  fi
  step "Python packages to install in ${folder#"$PWD/"}, with $("$python" --version)"
  printf '%s' "$requirements"
  "$python" -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
    --requirement <(printf '%s' "$requirements")
  printf '%s' "$requirements" >"$folder/requirements.txt"
}

check_wheels() {
  local packages file
  packages=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  for file in tvm_ffi/include/tvm/ffi/c_api.h nvidia/cu13/lib/libnvrtc.so.13 \
    nvidia/cuda_nvrtc/lib/libnvrtc.so.12; do
    [[ -f $packages/$file ]] || fail "no wheel brought $packages/$file: its layout is not the expected one"
  done
}

make_venvs() {
  local version python
  make_venv "$VENV" "$(python_with_venv)" "$REQUIREMENTS"
  check_wheels
  while read -r version python; do
    make_venv "$PWD/.deps/venv-$version" "$python" "$SUITE_REQUIREMENTS"
  done < <(other_pythons)
}

case ${1-} in
  '') ;;
  -h | --help) usage; exit ;;
  *) fail "unknown argument '$1': scripts/setup.sh takes --help alone" ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  printf '%s\n' "$PACKAGES"
  fail "this is not Debian or Ubuntu (no apt-get): install what is listed above by other means, then
build with CMake as scripts/common.sh does"
fi
install_packages
make_venvs
environments=(.deps/venv .deps/venv-3.*/)
[[ -d ${environments[1]} ]] || unset 'environments[1]'
echo "setup: done, $(grep -c . <<<"$PACKAGES") apt packages and ${environments[*]%/} are in place"
