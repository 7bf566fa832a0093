#!/usr/bin/env bash
# Runs clang-tidy on the given sources, or on those changed against the merge base (or the last commit).
#
#   scripts/tidy.sh
#   scripts/tidy.sh core/projection.cpp attacks/pgd.cpp
#
# A changed header stands for the source of the same name. FAULTLINE_TIDY_LIMIT caps the number of files (default 40).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

LIMIT=${FAULTLINE_TIDY_LIMIT:-40}

# Also in a checkout that belongs to another user, as in a container.
git() { command git -c safe.directory="$ROOT" "$@"; }

# The commit that changes are measured against; nothing when there is no earlier one.
base_commit() {
  local head main merge_base
  head=$(git rev-parse HEAD) || return
  for main in origin/HEAD origin/main main; do
    merge_base=$(git merge-base "$head" "$main" 2>/dev/null) || continue
    if [[ $merge_base != "$head" ]]; then
      echo "$merge_base"
      return 0
    fi
  done
  git rev-parse --verify --quiet HEAD~1 || true
}

# Names of changed and of new files, one a line; every file when there is no base.
changed_files() {
  local base
  base=$(base_commit) || return
  if [[ -n $base ]]; then
    git diff --name-only --diff-filter=d "$base" || return
    git ls-files --others --exclude-standard
  else
    git ls-files
  fi
}

# Keeps sources that the compile database knows, headers replaced by their source.
to_sources() {
  local file
  while read -r file; do
    [[ $file != *.h ]] || file=${file%.h}.cpp
    if [[ $file == *.cpp && -f $file ]] && grep -qF "\"file\": \"$ROOT/$file\"" build/tidy/compile_commands.json; then
      echo "$file"
    fi
  done | sort -u
}

faultline_setup --ci || exit
cd "$ROOT"
stage tidy-configure cmake --preset tidy || exit
stage tidy-header cmake --build --preset tidy --target faultline_pch test_pch || exit
if (($# > 0)); then
  mapfile -t sources < <(printf '%s\n' "$@" | xargs -r realpath --relative-to "$ROOT" | to_sources)
else
  changed=$(changed_files) || exit
  mapfile -t sources < <(to_sources <<<"$changed")
fi
if ((${#sources[@]} == 0)); then
  say "no source to check"
  exit 0
fi
if ((${#sources[@]} > LIMIT)); then
  say "${#sources[@]} sources have changed; checking the first $LIMIT (FAULTLINE_TIDY_LIMIT)"
  sources=("${sources[@]:0:LIMIT}")
fi
say "checking ${#sources[@]} sources"
began=$SECONDS
status=0
printf '%s\0' "${sources[@]}" |
  xargs -0 -n 1 -P "$(build_jobs)" clang-tidy-19 --quiet -p build/tidy 2>&1 | grep -v 'warnings generated\.$' || status=${PIPESTATUS[1]}
say "clang-tidy took $((SECONDS - began)) s"
exit "$status"
