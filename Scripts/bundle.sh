#!/usr/bin/env bash
# Makes a portable bundle of prep, train and segment: one tar.xz that runs on x86-64 Linux with nothing but glibc, without Swift and without root.
# Not for: other processors than this machine's, systems with an older glibc than this one's (build on Debian 12 for 2.36), NVIDIA's libraries
# (Scripts/setup-gpu.sh fetches those). Exit codes: 0 good, 1 the check failed, 2 bad arguments, 3 something missing on this machine.
#
#   Scripts/bundle.sh [--output FILE] [--fast] [--check] [--check-only FILE] [--root FOLDER]
#
# --output FILE      where the bundle goes; default .build/swift-vlseg-VERSION-ARCH.tar.xz
# --fast             compress in a quarter of the time, to a fifth more
# --check            afterwards, unpack it and run the quickstart's commands in an otherwise empty root that holds glibc and nothing else
# --check-only FILE  that check alone, of a bundle made before
# --root FOLDER      check in this unpacked system (made by debootstrap, say) instead of the empty root
#
# Inside: bin/ (programs, with the resource folders they look for beside themselves), lib/ (shared libraries, found by ldd), licences/, README.txt.
# Programs find lib/ by an RPATH relative to themselves, so the folder can stand anywhere and programs can be linked to from elsewhere.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
programs="prep train segment"
usage() { sed -n '2,16s/^# \{0,1\}//p' "$0"; }
fail() { echo "bundle.sh: $2" >&2; exit "$1"; }
say() { echo "bundle: $*" >&2; }

output="" check=no build=yes check_root="" preset=6
while [ $# -gt 0 ]; do
    case "$1" in
    --help) usage; exit 0 ;;
    --output | --check-only | --root)
        [ $# -ge 2 ] || fail 2 "$1 needs a value"
        case "$1" in
        --output) output=$2 ;;
        --check-only) output=$2 check=yes build=no ;;
        --root) check_root=$2 ;;
        esac
        shift ;;
    --check) check=yes ;;
    --fast) preset=1 ;;
    *) fail 2 "unknown argument $1; try --help" ;;
    esac
    shift
done
work=$(mktemp -d "${TMPDIR:-/tmp}/vlseg-bundle.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The package that a file belongs to. Merged /usr: files are known under /lib or under /usr/lib.
package_of() {
    local path=$1
    dpkg-query -S "$path" "/usr$path" "${path#/usr}" 2>/dev/null | sed -n '1s/:.*//p' || true
}

# Copies a shared library under the name it is loaded by, with its package's licence; glibc's own stay out.
add_library() {
    local name=$1 path package
    path=$(realpath "$2")
    [ ! -e "$tree/lib/$name" ] || return 0
    package=$(package_of "$path")
    [ -n "$package" ] || fail 3 "no package owns $path, so its licence is not known"
    [ "$package" != libc6 ] || return 0
    install -m 644 "$path" "$tree/lib/$name"
    strip --strip-unneeded "$tree/lib/$name"
    install -m 644 "/usr/share/doc/$package/copyright" "$tree/licences/$package.txt"
}

# Every library that a file is linked to, directly or not.
add_libraries_of() {
    local name path
    ! ldd "$1" | grep 'not found' >&2 || fail 3 "$1 lacks libraries, named above"
    while read -r name path; do
        add_library "$name" "$path"
    done < <(ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }')
}

# The newest glibc symbol version that anything in the bundle asks for.
wanted_glibc() {
    find "$tree/bin" "$tree/lib" -type f -not -path '*.resources/*' -exec objdump -T {} + | sed -n 's/.*(\{0,1\}GLIBC_\([0-9][0-9.]*\)).*/\1/p' | sort -uV | tail -n 1
}

make_bundle() {
    local tool flags folder name path glibc version
    for tool in swift ldd dpkg-query strip objdump xz; do
        command -v "$tool" >/dev/null || fail 3 "$tool is not here; needed are Swift, binutils, xz-utils and a Debian or Ubuntu with the packages of Scripts/setup.sh"
    done
    # An RPATH of the old kind: it also serves libraries of libraries, and those that are opened at run time. -s: no symbol tables.
    flags=(-c release --package-path "$root" --scratch-path "$root/.build/bundle" --static-swift-stdlib
        -Xlinker --disable-new-dtags -Xlinker '-rpath=$ORIGIN/../lib' -Xlinker -s)
    for name in $programs; do
        swift build "${flags[@]}" --product "$name" >&2 || fail 3 "building $name failed"
    done
    folder=$(swift build "${flags[@]}" --show-bin-path)
    version=$(git -C "$root" describe --tags --always 2>/dev/null || echo unversioned)
    output=${output:-$root/.build/swift-vlseg-$version-$(uname -m).tar.xz}

    tree=$work/swift-vlseg
    mkdir -p "$tree/bin" "$tree/lib" "$tree/licences"
    for name in $programs; do
        install -m 755 "$folder/$name" "$tree/bin/$name"
        add_libraries_of "$tree/bin/$name"
    done
    for path in "$folder"/*.resources; do
        case "$(basename "$path")" in
        '*.resources' | *Tests.resources) ;;
        *) cp -RL "$path" "$tree/bin/" ;;
        esac
    done
    # What the program opens at run time, unless it is absent, is not in ldd's list.
    for name in $(grep -rhoE 'dlopen\("lib[^"]+"' "$root/Sources/COpenBLAS" | cut -d '"' -f 2); do
        path=$(ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }')
        [ -n "$path" ] || fail 3 "$name is not here; run Scripts/setup.sh"
        add_library "$name" "$path"
        add_libraries_of "$path"
    done
    path=$(dirname "$(dirname "$(realpath "$(command -v swift)")")")/share/swift/LICENSE.txt
    [ -f "$path" ] || fail 3 "Swift's licence is not at $path"
    install -m 644 "$path" "$tree/licences/swift.txt"
    [ ! -f "$root/LICENSE" ] || install -m 644 "$root/LICENSE" "$tree/LICENSE"
    glibc=$(wanted_glibc)
    readme "$version" "$glibc" >"$tree/README.txt"

    # One dictionary over everything: the programs share most of their bytes. Owner and times are fixed, so the same files give the same archive.
    say "compressing $(du -sm "$tree" | cut -f 1) MB"
    tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - swift-vlseg |
        xz --threads=1 --lzma2=preset=$preset,dict=256MiB >"$output.tmp"
    mv "$output.tmp" "$output"
    say "$output: $(du -m "$output" | cut -f 1) MB, for glibc $glibc and later"
}

readme() {
    cat <<TEXT
swift-vlseg $1, built for $(uname -m) Linux with glibc $2 or later (Debian 12, Ubuntu 24.04, Fedora 37 and later).

  bin/prep     datasets to shards, and what is in them
  bin/train    trains UA-VLS
  bin/segment  evaluates a trained model and predicts masks

Each says more with --help. To try everything on a small set drawn by code:

  export PATH="\$PWD/bin:\$PATH"
  prep demo --out data/demo --count 60
  prep ingest kvasir --root data/demo --name demo
  prep shard demo
  train --shards shards/demo --run runs/demo --epochs 8 --batch-size 8 --lr 1e-3
  segment evaluate --run runs/demo --shards shards/demo

Keep bin/ and lib/ side by side, anywhere; links to the programs may stand elsewhere. Nothing is installed and nothing else is needed, except:
- shards behind https addresses need the system's certificates (/etc/ssl/certs; the package ca-certificates),
- a GPU needs NVIDIA's driver and the libraries that setup-gpu.sh of the source repository fetches.

lib/ holds the system libraries of the machine this was built on, unchanged but for their symbol tables; licences/ has the licence of each, and Swift's.
To unpack where xz is missing: python3 -m tarfile -e FILE
TEXT
}

# A root with glibc's files alone. Everything else must come out of the bundle.
make_root() {
    local path
    mkdir -p "$1"
    # The whole merged /usr layout, so that the loader's path in the programs exists.
    for path in bin lib lib64; do mkdir -p "$1/usr/$path" && ln -s "usr/$path" "$1/$path"; done
    dpkg-query -L libc6 | grep -E '\.so(\.[0-9]+)*$' | while read -r path; do
        mkdir -p "$1/usr/$(dirname "${path#/usr}")"
        cp -P "$path" "$1/usr${path#/usr}"
        # A link's target, where that is another file.
        [ ! -L "$path" ] || cp "$(realpath "$path")" "$1/usr${path#/usr}" 2>/dev/null || true
    done
}

# The quickstart's commands, each through chroot with an empty environment: no shell is needed inside.
check_bundle() {
    local inside=$work/root log=$work/check.log image caption
    [ -f "$output" ] || fail 2 "no bundle $output"
    for tool in unshare chroot mount; do command -v "$tool" >/dev/null || fail 3 "the check needs $tool"; done
    unshare --map-root-user --mount true 2>/dev/null || fail 3 "the check needs user namespaces (unshare --map-root-user --mount), which this machine refuses"
    if [ -n "$check_root" ]; then
        inside=$check_root
    else
        make_root "$inside"
    fi
    mkdir -p "$inside/proc" "$inside/dev" "$inside/tmp" "$inside/opt" "$work/home"
    tar -C "$work/home" -xf "$output"
    mkdir -p "$inside/opt/vlseg-check"
    inside() {
        unshare --map-root-user --mount --pid --fork --kill-child sh -c '
            mount --bind "$2" "$1/opt/vlseg-check" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" || exit 3
            root=$1; shift 2
            exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/opt/vlseg-check chroot "$root" /opt/vlseg-check/swift-vlseg/bin/"$@"' sh "$inside" "$work/home" "$@" >>"$log" 2>&1 ||
            { cat "$log" >&2; fail 1 "failed in the bare root: $*"; }
        say "ran $1 ${2:-}"
    }
    local at=/opt/vlseg-check
    inside prep --help
    inside prep demo --out $at/demo --count 40
    inside prep ingest kvasir --root $at/demo --name demo --manifests $at/manifests
    inside prep shard demo --manifests $at/manifests --out $at/shards
    inside prep stats demo --manifests $at/manifests
    inside train --shards $at/shards/demo --run $at/run --batch-size 2 --max-steps 2
    image=$(sed -n 's/.*"img_name" *: *"\([^"]*\)".*/\1/p' "$work/home/demo/anns/test.json" | head -n 1)
    inside segment predict --checkpoint $at/run/last.safetensors --image "$at/demo/images/$image" --text "one polyp" --out $at/mask.png
    [ -s "$work/home/mask.png" ] || fail 1 "segment predict left no mask"
    grep -hE 'step|loss' "$log" | tail -n 3 >&2 || true
    say "checked: everything ran with $([ -n "$check_root" ] && echo "$check_root" || echo "glibc alone") beside the bundle"
}

[ "$build" = no ] || make_bundle
[ "$check" = no ] || check_bundle
