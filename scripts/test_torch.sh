#!/usr/bin/env bash
# Installs PyTorch in .deps/venv-torch, and runs the tests of the Python package there.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly TORCH_VENV=$PWD/.deps/venv-torch
readonly PACKAGE=$PWD/build/release/python

# torch's wheel for Linux is the CUDA build. Each library of CUDA here is one that it links, so that it
# imports on a machine without CUDA too; those that it loads when a GPU needs them, and the Python
# packages that only its compiler needs, are left out. All else the suite has from .deps/venv.
readonly REQUIREMENTS='nvidia-cublas==13.4.1.3
nvidia-cuda-cupti==13.2.86
nvidia-cuda-nvrtc==13.2.86
nvidia-cuda-runtime==13.2.86
nvidia-cudnn-cu13==9.26.0.51
nvidia-cufft==12.2.0.57
nvidia-cufile==1.17.1.22
nvidia-cusparse==12.7.10.12
nvidia-cusparselt-cu13==0.8.1
nvidia-nccl-cu13==2.30.7
nvidia-nvjitlink==13.5.37
nvidia-nvshmem-cu13==3.7.2
torch==2.15.0
'

usage() {
  cat <<'TXT'
Usage: scripts/test_torch.sh [--help]

Installs PyTorch in .deps/venv-torch (4 GB; a second run installs nothing) and runs the tests of the
Python package there: on our runtime, then on that of the package apache-tvm-ffi. It needs .deps/venv
and the package in build/release/python, and builds neither. Without a GPU, a test that needs one is
skipped, and named.

Exit status: 0 when the tests passed on both.
TXT
}

# What .deps/venv-torch has to have been made of.
recipe() { printf '# %s\n%s' "$("$VENV/bin/python" --version)" "$REQUIREMENTS"; }

purelib() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

venv_is_current() {
  [[ -f $TORCH_VENV/requirements.txt ]] && cmp -s "$TORCH_VENV/requirements.txt" <(recipe) &&
    "$TORCH_VENV/bin/python" -c 'import torch' 2>/dev/null
}

# requirements.txt is written last: an environment that has it is complete.
make_venv() {
  venv_is_current && return
  step "Python packages to install in .deps/venv-torch, with $("$VENV/bin/python" --version)"
  printf '%s' "$REQUIREMENTS"
  "$VENV/bin/python" -m venv --clear "$TORCH_VENV"
  "$TORCH_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
    --requirement <(printf '%s' "$REQUIREMENTS")
  purelib "$VENV" >"$(purelib "$TORCH_VENV")/suite.pth"
  "$TORCH_VENV/bin/python" -c 'import torch' ||
    fail "torch was installed in .deps/venv-torch and does not import, for the reason above"
  recipe >"$TORCH_VENV/requirements.txt"
}

# run_tests RUNTIME LIBRARY: the suite of the package on the libtvm_ffi.so that is given.
run_tests() {
  step "test the Python package with torch, on $1 runtime"
  PYTHONPATH=$PACKAGE PYTHONDONTWRITEBYTECODE=1 KILN_RUNTIME_LIBRARY=$2 \
    "$TORCH_VENV/bin/python" -m pytest -q -rfs -p no:cacheprovider tests/abi/python \
    --ignore=tests/abi/python/jax_test.py --ignore=tests/abi/python/typing </dev/null
}

case ${1-} in
  '') ;;
  -h | --help) usage; exit ;;
  *) usage >&2; fail "unknown argument '$1'" ;;
esac

[[ -x $VENV/bin/python ]] || fail ".deps/venv is not there: run scripts/setup.sh first"
compgen -G "$PACKAGE/kiln/_core*.so" >/dev/null ||
  fail "there is no built package in build/release/python: run scripts/quickstart.sh first"
make_venv
step "$("$TORCH_VENV/bin/python" -c '
import torch
gpus = torch.cuda.device_count()
print("torch", torch.__version__, "with", gpus, "GPUs" if gpus != 1 else "GPU")')"

packages=$(purelib "$VENV")
export KILN_NVRTC=$packages/nvidia/cu13/lib/libnvrtc.so.13
# Where there is no GPU, the driver is the one that runs nothing.
[[ -e /dev/nvidiactl ]] || export KILN_CUDA_DRIVER=$PACKAGE/kiln/lib/libkiln_standin_driver.so

failed=0
run_tests our "$PACKAGE/kiln/lib/libtvm_ffi.so" || failed=1
run_tests "apache-tvm-ffi's" "$packages/tvm_ffi/lib/libtvm_ffi.so" || failed=1
exit "$failed"
