#!/usr/bin/env bash
# Builds the documentation of the libraries' public declarations with docc, which is part of the Swift toolchain: one archive, a plain web site.
#   Scripts/docs.sh [MODULE...]        all libraries, or those named
#                   [--out FOLDER]     where the archive goes; .build/documentation/swift-vlseg.doccarchive by default
#                   [--bin FOLDER]     the products of an earlier build; else a debug build is made or brought up to date
#                   [--warnings]       shows what docc finds missing, such as parameters without a description
# Needs no network. Look at the result with: python3 -m http.server --directory FOLDER, then http://localhost:8000/documentation
set -euo pipefail
cd "$(dirname "$0")/.."

out=.build/documentation/swift-vlseg.doccarchive
bin=""
level=error
modules=""
while [ $# -gt 0 ]; do
    case "$1" in
        --out) out=${2:?--out needs a folder}; shift ;;
        --bin) bin=${2:?--bin needs a folder}; shift ;;
        --warnings) level=warning ;;
        -*) echo "docs: unknown option $1; there are --out FOLDER, --bin FOLDER and --warnings" >&2; exit 2 ;;
        *) modules="$modules $1" ;;
    esac
    shift
done

for tool in docc swift; do
    command -v "$tool" > /dev/null || { echo "docs: $tool is not here; it is part of the Swift toolchain: https://www.swift.org/install/linux/" >&2; exit 3; }
done
# Libraries are the folders of Swift files without a main program.
libraries=""
for folder in Sources/*/; do
    [ -n "$(find "$folder" -name '*.swift' -print -quit)" ] && [ ! -e "${folder}main.swift" ] && libraries="$libraries $(basename "$folder")"
done
for module in $modules; do
    case " $libraries " in *" $module "*) ;; *) echo "docs: no library $module; there are$libraries" >&2; exit 2 ;; esac
done
[ -n "$modules" ] || modules=$libraries

if [ -z "$bin" ]; then
    swift build
    bin=$(swift build --show-bin-path)
fi
target=$(swift -print-target-info | sed -n 's/.*"unversionedTriple" *: *"\([^"]*\)".*/\1/p' | head -n 1)
maps=""
for map in "$bin"/*.build/module.modulemap; do
    [ -e "$map" ] && maps="$maps -Xcc -fmodule-map-file=$map"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archives=""
for module in $modules; do
    [ -e "$bin/Modules/$module.swiftmodule" ] || { echo "docs: $bin/Modules has no $module; build first" >&2; exit 3; }
    mkdir "$work/$module"
    swift symbolgraph-extract -module-name "$module" -I "$bin/Modules" $maps -target "$target" -minimum-access-level public \
        -skip-synthesized-members -module-cache-path "$work/modules" -output-dir "$work/$module"
    docc convert --fallback-display-name "$module" --fallback-bundle-identifier "swift-vlseg.$module" --diagnostic-level "$level" \
        --additional-symbol-graph-dir "$work/$module" --output-path "$work/$module.doccarchive" > "$work/$module.log" 2>&1 || { cat "$work/$module.log" >&2; exit 1; }
    [ "$level" = error ] || cat "$work/$module.log"
    archives="$archives $work/$module.doccarchive"
    echo "docs: $module"
done
rm -rf "$work/all.doccarchive"
docc merge $archives --synthesized-landing-page-name swift-vlseg --output-path "$work/all.doccarchive"
# Only an archive, this script's own of an earlier time, is replaced.
if [ -e "$out" ] && ! grep -qs swift-vlseg "$out/metadata.json"; then
    echo "docs: $out is there and is no archive of docc: choose another --out" >&2
    exit 2
fi
mkdir -p "$(dirname "$out")"
rm -rf "$out"
mv "$work/all.doccarchive" "$out"
echo "docs: $out; look at it with: python3 -m http.server --directory $out, then http://localhost:8000/documentation"
