# Shared by the scripts beside it, which source it: where the tree is, how many jobs it bears, how to complain.
# shellcheck shell=bash

set -euo pipefail
# shellcheck disable=SC2034  # the sourcing scripts use it
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly root

die() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit "${2:-1}"
}

# Prints the comment at the head of the calling script.
usage() {
    sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"
}

# Compilations at once: one per core, and 1.5 GiB of memory for each. CMAKE_BUILD_PARALLEL_LEVEL overrides it.
jobs() {
    local cores memory_mib limit
    if [[ ${CMAKE_BUILD_PARALLEL_LEVEL:-} ]]; then
        echo "$CMAKE_BUILD_PARALLEL_LEVEL"
        return
    fi
    cores=$(nproc)
    memory_mib=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
    if [[ $limit != max ]] && ((limit / 1048576 < memory_mib)); then
        memory_mib=$((limit / 1048576))
    fi
    local by_memory=$((memory_mib / 1536))
    echo $((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))
}

# The files of the tree that match the given patterns, one path from the top a line: what git tracks or would add,
# or, in an exported tree, whatever is there.
tree_files() {
    if [[ $(git -C "$root" rev-parse --show-toplevel 2>/dev/null) == "$root" ]]; then
        git -C "$root" ls-files --cached --others --exclude-standard --deduplicate -- "$@" | while IFS= read -r path; do
            [[ ! -e $root/$path ]] || printf '%s\n' "$path"
        done
    else
        local path pattern
        (cd -- "$root" && find . \( -name .git -o -name node_modules -o -path './build' -o -path './build-*' \) -prune \
            -o -type f -printf '%P\n') | sort | while IFS= read -r path; do
            for pattern in "$@"; do
                # shellcheck disable=SC2254  # a pattern it is
                case $path in $pattern) printf '%s\n' "$path" && break ;; esac
            done
        done
    fi
}

# The build tree of a preset.
build_dir() {
    if [[ $1 == release ]]; then
        echo "$root/build"
    else
        echo "$root/build-$1"
    fi
}
