#!/usr/bin/env bash
# Installs what the build needs: packages by apt, LibTorch from a PyTorch wheel. Quick when everything is there.
#
#   scripts/setup.sh          what demo.sh and test.sh need
#   scripts/setup.sh --ci     the further compilers and checkers of .ci/run too
#
# LibTorch is taken from LIBTORCH_ROOT, else the active Python's torch, else the project's .venv, which is made when
# there is none. FAULTLINE_PIP_ARGS is passed on to pip, for instance "--index-url https://download.pytorch.org/whl/cpu".
# Exit codes: 0 ready, 4 something is missing that this script may not or cannot install.
#
# demo.sh, test.sh, tidy.sh and .ci/run source this file for its functions.

TORCH_VERSION=2.13.0
TORCH_OLDEST=2.1

# Installed packages by apt; a word after a colon is a command that makes the package unnecessary.
BUILD_PACKAGES=(
  ca-certificates clang-19:clang++-19 lld-19:ld.lld-19 libclang-rt-19-dev cmake:cmake ninja-build:ninja ccache:ccache pkg-config:pkg-config
  python3:python3 libopencv-dev libboost-math-dev libtomlplusplus-dev libkainjow-mustache-dev libzip-dev zlib1g-dev libssl-dev libxxhash-dev librandom123-dev libcli11-dev
  nlohmann-json3-dev libpugixml-dev libsqlitecpp-dev libsqlite3-dev libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
)
CI_PACKAGES=(git:git g++:g++ clang-tidy-19:clang-tidy-19 clang-format-19:clang-format-19 llvm-19:llvm-symbolizer-19 chromium:chromium)
# Python packages that read what the program writes; tests that need one are skipped where it is missing.
READERS=(jsonschema==4.26.0 junitparser==5.0.3 prometheus-client==0.26.0 markdown-it-py==4.3.0 scipy)

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
LOGS="$ROOT/build/logs"

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }

# stage NAME COMMAND...: runs the command and prints one line with the elapsed seconds. Away from a terminal the
# command's output goes to build/logs/NAME.log, whose end is shown when it fails.
stage() {
  local name=$1 began=$SECONDS status=0
  shift
  if [[ -t 1 ]]; then
    "$@" || status=$?
  else
    mkdir -p "$LOGS"
    "$@" >"$LOGS/$name.log" 2>&1 || status=$?
    if ((status != 0)); then
      tail -n 60 "$LOGS/$name.log" >&2
    fi
  fi
  if ((status == 0)); then
    say "$name done in $((SECONDS - began)) s"
  else
    say "$name FAILED after $((SECONDS - began)) s (exit $status)"
  fi
  return "$status"
}

# How many compilers may run at once: one per core, and 1.5 GB of free memory for each.
build_jobs() {
  local cores free_kib limit
  cores=$(nproc)
  free_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  if [[ -r /sys/fs/cgroup/memory.max ]]; then
    limit=$(</sys/fs/cgroup/memory.max)
    if [[ $limit != max ]] && ((limit / 1024 < free_kib)); then
      free_kib=$((limit / 1024))
    fi
  fi
  local jobs=$((free_kib / 1572864))
  ((jobs < cores)) || jobs=$cores
  ((jobs > 0)) || jobs=1
  echo "$jobs"
}

# missing_packages PACKAGE[:COMMAND]...: prints those that are not there.
missing_packages() {
  local entry wanted=()
  for entry in "$@"; do
    if [[ $entry != *:* ]] || ! command -v "${entry#*:}" >/dev/null; then
      wanted+=("${entry%%:*}")
    fi
  done
  ((${#wanted[@]} > 0)) || return 0
  comm -23 <(printf '%s\n' "${wanted[@]}" | sort) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort)
}

# Prints the words before apt-get that give it the right to install; fails when there is no way.
apt_privilege() {
  if ((EUID == 0)); then
    return 0
  fi
  if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
    echo sudo
    return 0
  fi
  return 1
}

# apt_install PACKAGE...
apt_install() {
  local privilege options=(-qq -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  privilege=$(apt_privilege) || return 1
  $privilege env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" update ||
    say "apt-get update failed; going on with the package lists at hand"
  $privilege env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" --no-remove --no-install-recommends install "$@"
}

# install_packages PACKAGE[:COMMAND]...
install_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "not a Debian system: packages are not checked; what is needed is listed in docs/dependencies.md"
    return 0
  fi
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    return 0
  fi
  if ! apt_privilege >/dev/null; then
    say "these packages are missing and need root: ${missing[*]}"
    say "as root: apt-get install --no-install-recommends ${missing[*]}"
    return 4
  fi
  say "installing by apt: ${missing[*]}"
  if ! stage packages apt_install "${missing[@]}"; then
    say "apt could not install: ${missing[*]}; the project is tried on Debian 12, which has them all"
    return 4
  fi
}

# torch_version DIR: the version of the torch package or unpacked LibTorch in DIR; fails when there is none.
torch_version() {
  [[ -d $1/include/torch && -e $1/lib/libtorch_cpu.so ]] || return 1
  if [[ -r $1/version.py ]]; then
    sed -n "s/^__version__ *= *['\"]\(.*\)['\"].*/\1/p" "$1/version.py"
  elif [[ -r $1/build-version ]]; then
    head -n 1 "$1/build-version"
  fi
}

# is_recent VERSION: whether it is at least TORCH_OLDEST.
is_recent() { [[ $(printf '%s\n%s\n' "$TORCH_OLDEST" "$1" | sort -V | head -n 1) == "$TORCH_OLDEST" ]]; }

# Prints the torch folder of the active Python, if it has one.
active_torch() {
  python3 -c 'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")' \
    2>/dev/null || true
}

# Prints the torch folder of .venv when pip has finished installing it (RECORD is what pip writes last).
venv_torch() {
  local site
  for site in "$ROOT"/.venv/lib/python3*/site-packages; do
    if compgen -G "$site/torch-*.dist-info/RECORD" >/dev/null && compgen -G "$site/numpy-*.dist-info/RECORD" >/dev/null; then
      echo "$site/torch"
      return 0
    fi
  done
}

# A Python that torch has a wheel for.
suitable_python() {
  local python
  for python in python3 /usr/bin/python3 python3.{13,12,11,10}; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      command -v "$python"
      return 0
    fi
  done
  return 1
}

# pip_install REQUIREMENT...: into .venv.
pip_install() {
  local extra
  read -r -a extra <<<"${FAULTLINE_PIP_ARGS:-}"
  "$ROOT/.venv/bin/python" -m pip install --disable-pip-version-check "${extra[@]}" "$@"
}

# Makes .venv and installs torch and numpy (torch warns without it, and a test reads our files with it).
make_venv() {
  local python
  if ! python=$(suitable_python); then
    say "no Python 3.10 or newer found (python3, /usr/bin/python3); install one"
    return 4
  fi
  if [[ ! -x $ROOT/.venv/bin/python ]] || ! "$ROOT/.venv/bin/python" -m pip --version >/dev/null 2>&1; then
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
      install_packages python3-venv || return
    fi
    say "making .venv with $python"
    stage venv "$python" -m venv "$ROOT/.venv" || return 4
  fi
  say "installing torch $TORCH_VERSION for the CPU into .venv (about 190 MB)"
  if stage torch-cpu pip_install "torch==$TORCH_VERSION+cpu" 'numpy>=1.24,<3'; then
    return 0
  fi
  say "WARNING: pip has no torch==$TORCH_VERSION+cpu; taking torch==$TORCH_VERSION, which may be the CUDA build of several GB"
  say "to avoid that: FAULTLINE_PIP_ARGS='--extra-index-url https://download.pytorch.org/whl/cpu' scripts/setup.sh"
  if ! stage torch pip_install "torch==$TORCH_VERSION" 'numpy>=1.24,<3'; then
    say "pip could not install torch; set LIBTORCH_ROOT to an unpacked LibTorch, or FAULTLINE_PIP_ARGS to an index that has it"
    return 4
  fi
}

# Installs the readers into .venv, if there is one and it lacks them.
install_readers() {
  [[ -x $ROOT/.venv/bin/python ]] || return 0
  "$ROOT/.venv/bin/python" -c 'import jsonschema, junitparser, prometheus_client, markdown_it, scipy' 2>/dev/null && return 0
  say "installing into .venv what reads our files in tests: ${READERS[*]}"
  stage readers pip_install "${READERS[@]}" || return 4
}

# Finds or installs LibTorch and exports LIBTORCH_ROOT, so that CMake takes the same one.
find_libtorch() {
  local version folder
  if [[ -n ${LIBTORCH_ROOT:-} ]]; then
    for folder in "$LIBTORCH_ROOT" "$LIBTORCH_ROOT/torch"; do
      if version=$(torch_version "$folder"); then
        say "LibTorch $version in $folder (LIBTORCH_ROOT)"
        return 0
      fi
    done
    say "LIBTORCH_ROOT=$LIBTORCH_ROOT holds no LibTorch: expected include/torch and lib/libtorch_cpu.so there"
    return 4
  fi
  folder=$(active_torch)
  if [[ -z $folder ]] || ! version=$(torch_version "$folder") || ! is_recent "$version"; then
    [[ -z $folder ]] || say "the active Python's torch ${version:-} in $folder is not usable (older than $TORCH_OLDEST?)"
    folder=$(venv_torch)
    if [[ -z $folder ]]; then
      make_venv || return
      folder=$(venv_torch)
    fi
  fi
  if ! version=$(torch_version "$folder"); then
    say "$folder is not a complete torch package; remove .venv and try again"
    return 4
  fi
  say "LibTorch $version in $folder"
  export LIBTORCH_ROOT=$folder
}

# faultline_setup [--ci]
faultline_setup() {
  local packages=("${BUILD_PACKAGES[@]}")
  if [[ ${1:-} == --ci ]]; then
    packages+=("${CI_PACKAGES[@]}")
  fi
  install_packages "${packages[@]}" || return
  find_libtorch || return
  if [[ ${1:-} == --ci ]]; then
    install_readers
  fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  case "${1:-}" in
    "" | --ci) faultline_setup "$@" ;;
    --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" ;;
    *)
      say "unknown argument '$1'; expected nothing, --ci or --help"
      exit 4
      ;;
  esac
fi
