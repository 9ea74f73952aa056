#!/usr/bin/env bash
# Sets the machine up, builds everything once in release mode and runs the whole test suite.
# Tests that need real data run where it is found (VLSEG_REAL_DATA) and say that they are skipped elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh
swift build -c release --build-tests
# One test at a time: the number of compute threads is a setting of the whole process, and results to the last bit depend on it.
if swift test -c release --skip-build --no-parallel "$@"; then
    echo "test: all tests passed"
else
    code=$?
    echo "test: FAILED; the failing tests are marked above with a cross" >&2
    exit "$code"
fi
