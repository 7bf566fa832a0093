#!/usr/bin/env bash
# Measures Faultline beside the Python libraries on the same images and prints one table per model. For developers: it
# installs the libraries into build/peers and needs the release build. Arguments go to bench/peers.py, or after --presets
# to bench/presets.py.
#
#   scripts/peers.sh
#   scripts/peers.sh --models mlp --repetitions 3
#   scripts/peers.sh --presets --models lpd
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
python="$root/.venv/bin/python"
program="$root/build/release/faultline"
libraries="$root/build/peers"

if [[ ! -x "$program" || ! -x "$python" ]]; then
  echo "peers: build first with scripts/test.sh (this needs build/release/faultline and .venv)" >&2
  exit 4
fi
if [[ ! -e "$libraries/complete-2" ]]; then
  echo "peers: installing the libraries into build/peers"
  # Their own requirements would replace PyTorch by another build, so they are named here one by one.
  "$python" -m pip install --quiet --target "$libraries" ${FAULTLINE_PIP_ARGS:-} --no-deps foolbox==3.3.4 eagerpy==0.30.0 \
    torchattacks==3.5.1 adversarial-robustness-toolbox==1.20.1 adv-lib==0.2.8 pyautoattack==0.2.0
  "$python" -m pip install --quiet --target "$libraries" ${FAULTLINE_PIP_ARGS:-} --no-deps scipy scikit-learn joblib \
    threadpoolctl narwhals six tqdm requests urllib3 charset-normalizer idna certifi packaging GitPython gitdb smmap
  touch "$libraries/complete-2"
fi
bench=peers.py
if [[ ${1:-} == --presets ]]; then
  bench=presets.py
  shift
fi
PYTHONPATH="$libraries" exec "$python" "$root/bench/$bench" "$program" "$@"
