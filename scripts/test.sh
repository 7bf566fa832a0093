#!/usr/bin/env bash
# Builds everything and runs the fast tests; further arguments go to ctest. CTest's closing line comes last.
#
#   scripts/test.sh
#   scripts/test.sh -R golden
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

faultline_setup || exit
cd "$ROOT"
stage configure cmake --preset release || exit
stage build cmake --build --preset release --parallel "$(build_jobs)" || exit
exec ctest --preset release --label-exclude 'slow|gpu' "$@"
