#!/usr/bin/env bash
# Gets a machine ready to build: installs the system libraries (Debian 12 and 13; Ubuntu 24.04 has them under the same names) and checks for Swift 6.
# Safe to run again: what is there is left alone. Needs root or sudo only where something is missing.
set -euo pipefail

minimum_swift=6

# The one list of system packages: name, then why it is needed. The README's table repeats it (a test compares them).
packages="
gcc            OpenMP's runtime (libgomp), which the kernels and oneDNN share, and the linker's start files
g++            the C++ library, for the stand-in of a GPU that the tests use
libpng-dev     PNG decoding and encoding
libjpeg-dev    JPEG decoding
libtiff-dev    TIFF decoding
libgif-dev     GIF decoding
libwebp-dev    WebP decoding
zlib1g-dev     deflate, inside PNG, TIFF and zip files
libzstd-dev    compressed shards
libxxhash-dev  the hashes of the shard format
libssl-dev     SHA-256 of files and vocabularies
libcurl4-openssl-dev  shards behind http(s) addresses
libzip-dev     spreadsheets (xlsx) and PyTorch files, both of which are zip files
libopenblas-dev  matrix products
libdnnl-dev    oneDNN: convolutions and matrix products with the CPU's widest instructions
libfftw3-dev   Fourier transforms of the spectral loss
"

# What Swift itself needs and a minimal system lacks (a desktop, server or container image of Swift has it).
swift_needs="
libncurses6      the compiler's driver and the debugger
libxml2          the compiler's driver and Foundation
libsqlite3-0     the build's database
libc6-dev        the C library's headers
binutils         the linker
ca-certificates  https
git              the package manager
"

names() { echo "$1" | awk 'NF { print $1 }'; }

if [ "${1:-}" = "--list" ]; then
    echo "$packages" | awk 'NF'
    exit 0
fi

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is not a Debian or Ubuntu system. Install what these packages hold, then build with swift build:" >&2
    echo "$packages$swift_needs" | awk 'NF' >&2
    exit 3
fi
# The packages of a list that are not installed, each with a blank before it.
missing_of() {
    for name in $(names "$1"); do
        status=$(dpkg-query -W -f='${Status}' "$name" 2>/dev/null || true)
        [ "$status" = "install ok installed" ] || printf ' %s' "$name"
    done
}

missing_for_swift=$(missing_of "$swift_needs")
if [ -n "$missing_for_swift" ]; then
    echo "setup: this system lacks what Swift itself needs; the command that installs it: apt-get install --yes --no-install-recommends$missing_for_swift"
fi
missing="$missing_for_swift$(missing_of "$packages")"
if [ -n "$missing" ]; then
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null; then
            as_root="sudo"
        else
            echo "setup: packages are missing, and this is neither root nor is sudo here. Run as root:" >&2
            echo "  apt-get update && apt-get install --yes --no-install-recommends$missing" >&2
            exit 3
        fi
    fi
    echo "setup: installing$missing"
    $as_root apt-get update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
fi

if ! command -v swift >/dev/null; then
    echo "setup: Swift is not here. Version $minimum_swift or later for this system: https://www.swift.org/install/linux/" >&2
    exit 3
fi
if ! swift --version >/dev/null 2>&1; then
    absent=$(ldd "$(command -v swift)" | awk '/not found/ { printf "%s%s", sep, $1; sep = ", " }')
    echo "setup: Swift is here ($(command -v swift)) but does not start${absent:+: $absent not found; install the packages that hold them}; it says:" >&2
    swift --version 2>&1 | head -n 3 >&2
    exit 3
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
if [ -z "$version" ] || [ "${version%%.*}" -lt "$minimum_swift" ]; then
    echo "setup: found Swift ${version:-of an unknown version}; version $minimum_swift or later is needed: https://www.swift.org/install/linux/" >&2
    exit 3
fi
echo "setup: the system packages are there, and Swift $version"
