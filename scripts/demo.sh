#!/usr/bin/env bash
# Builds the program and shows what it does on the bundled models; arguments go to `faultline demo`.
#
#   scripts/demo.sh
#   scripts/demo.sh --help
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

faultline_setup || exit
cd "$ROOT"
stage configure cmake --preset release || exit
stage build cmake --build --preset release --parallel "$(build_jobs)" --target faultline || exit
exec "$ROOT/build/release/faultline" demo "$@"
