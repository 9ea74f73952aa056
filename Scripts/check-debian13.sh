#!/usr/bin/env bash
# Checks that a newcomer on a minimal Debian 13 gets through: makes such a system with debootstrap, binds this machine's Swift into it, and runs the
# quickstart and the test suite there. Nothing of this machine's own packages is seen.
#   Scripts/check-debian13.sh                quickstart and tests (about half an hour on two cores)
#   Scripts/check-debian13.sh --debug        set-up, a debug build of the programs where a warning is an error, and in it the CUDA kernels' tests on the
#                                            CPU under the address sanitizer
# The system is kept in .build/debian13 and used again; remove that folder for a fresh one. VLSEG_DEBIAN13 names another place.
# Needs root (for chroot), debootstrap, Swift on the PATH and Debian's package mirror.
# Exit codes: 0 good, 1 something failed there, 2 usage, 3 this machine cannot make such a system.
set -euo pipefail
cd "$(dirname "$0")/.."

mirror=http://deb.debian.org/debian
job=all
case "${1:-}" in
    "") ;;
    --debug) job=debug ;;
    *) echo "check-debian13: unknown argument \"$1\"; usage: Scripts/check-debian13.sh [--debug]" >&2; exit 2 ;;
esac

lacks() { echo "check-debian13: $1" >&2; exit 3; }
[ "$(id -u)" -eq 0 ] || lacks "root is needed to enter another system; run it with sudo"
command -v debootstrap > /dev/null || lacks "debootstrap is missing; apt-get install debootstrap"
[ -e /usr/share/debootstrap/scripts/trixie ] || lacks "this debootstrap does not know Debian 13 (trixie); install a newer one"
swift=$(command -v swift) || lacks "Swift is not here: https://www.swift.org/install/linux/"
toolchain=$(dirname "$(dirname "$(readlink -f "$swift")")")

system=${VLSEG_DEBIAN13:-$PWD/.build/debian13}
if [ ! -e "$system/.complete" ]; then
    rm -rf "$system"
    mkdir -p "$system"
    echo "check-debian13: a minimal Debian 13 into $system"
    if ! debootstrap --variant=minbase trixie "$system" "$mirror" > "$system.log" 2>&1; then
        tail -n 5 "$system.log" >&2
        lacks "debootstrap failed; its whole output is in $system.log"
    fi
    touch "$system/.complete"
fi
echo "check-debian13: Debian $(cat "$system/etc/debian_version") with Swift from $toolchain"
mkdir -p "$system/toolchain" "$system/work"
# Nothing there must survive a power cut, and packages are installed much quicker if their files are not flushed one by one.
echo force-unsafe-io > "$system/etc/dpkg/dpkg.cfg.d/unsafe-io"
# What is not ignored, as it is now. Files that are gone here must be gone there; build products stay.
find "$system/work" -mindepth 1 -maxdepth 1 ! -name .build -exec rm -rf {} +
git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done \
    | tar --null --files-from=- --create | tar --extract --directory "$system/work"

case $job in
    debug) commands='Scripts/setup.sh && VLSEG_WARNINGS_AS_ERRORS=1 Scripts/sanitize.sh cuda --debug TensorsTests' ;;
    all) commands='Scripts/quickstart.sh && Scripts/test.sh' ;;
esac
# Mounts of a namespace of their own: they are gone with it, however it ends. The toolchain's folder comes last on the PATH, so that what the small
# system lacks is not taken from a toolchain that lies in /usr.
export system toolchain commands
if unshare --mount --propagation private bash -c '
    set -e
    mount --bind "$toolchain" "$system/toolchain"
    mount -t proc proc "$system/proc"
    mount --rbind /dev "$system/dev"
    cp /etc/resolv.conf "$system/etc/resolv.conf"
    exec env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin:/toolchain/bin \
        chroot "$system" bash -c "cd /work && $commands"'; then
    echo "check-debian13: good"
else
    echo "check-debian13: FAILED on Debian 13; the output above says where" >&2
    exit 1
fi
