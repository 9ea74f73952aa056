#!/usr/bin/env bash
# shellcheck disable=SC2086
# Formats all Swift, C and CUDA sources: swift-format (part of the toolchain, rules in .swift-format) and clang-format (.clang-format).
#   Scripts/format.sh            formats the files in place
#   Scripts/format.sh --check    changes nothing; lists files that are not formatted and code lines of more than 140 characters (exit code 1)
# clang-format is Debian's package `clang-format`. Releases break some lines differently, so C is checked with release 14 (Debian 12) alone.
set -euo pipefail
cd "$(dirname "$0")/.."

check=0
case "${1:-}" in
    --check) check=1 ;;
    "") ;;
    *) sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
command -v swift > /dev/null || { echo "format: no swift on PATH; run Scripts/setup.sh" >&2; exit 3; }

swift_files=$(git ls-files --cached --others --exclude-standard '*.swift')
c_files=$(git ls-files --cached --others --exclude-standard '*.c' '*.h' '*.cu' '*.cuh' '*.cpp')
clang=$(clang-format --version 2> /dev/null | grep -oE 'version [0-9]+' | cut -d' ' -f2 || true)

if [ "$check" -eq 0 ]; then
    swift format format --in-place --parallel $swift_files
    if [ "$clang" = 14 ]; then
        clang-format -i $c_files
    else
        echo "format: C and CUDA sources left as they are: clang-format 14 is needed, found ${clang:-none}"
    fi
    exit 0
fi

status=0
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# A copy is formatted and compared: the check and the formatter can never disagree.
tar -cf - .swift-format .clang-format $swift_files $c_files | tar -xf - -C "$copy"
(cd "$copy" && swift format format --in-place --parallel $swift_files)
if [ "$clang" = 14 ]; then (cd "$copy" && clang-format -i $c_files); fi
for file in $swift_files $c_files; do
    cmp -s "$file" "$copy/$file" && continue
    echo "format: $file: not formatted; run Scripts/format.sh"
    status=1
done
# Text may be longer: a string cannot be broken without changing it, and data tables are text too.
for file in $swift_files $c_files; do
    awk -v file="$file" '
        { inside = text; if (gsub(/"""/, "\"\"\"") % 2) text = !text }
        length($0) > 140 && !inside && $0 !~ /"/ { print "format: " file ":" NR ": " length($0) " characters, at most 140 are wanted"; bad = 1 }
        END { exit bad }' "$file" || status=1
done
if [ "$clang" != 14 ]; then echo "format: C and CUDA sources not checked: clang-format 14 is needed, found ${clang:-none}"; fi
[ "$status" -eq 0 ] && echo "format: good"
exit "$status"
