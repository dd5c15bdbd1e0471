#!/usr/bin/env bash
# From a fresh clone to the main job: sets up, builds, and runs samples/quickstart.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'TXT'
Usage: scripts/quickstart.sh [--no-setup]

Installs what is missing, builds Kiln in build/release, and runs the quickstart sample: C source
compiled in process, registered, and called beside the same source built ahead of time.

  --no-setup  don't install anything first
TXT
}

setup=yes
for argument in "$@"; do
  case $argument in
    --no-setup) setup=no ;;
    -h | --help) usage; exit ;;
    *) usage >&2; fail "unknown argument '$argument'" ;;
  esac
done

if [[ $setup == yes ]]; then bash scripts/setup.sh; fi
build release
step "run build/release/samples/quickstart/kiln_quickstart"
build/release/samples/quickstart/kiln_quickstart
