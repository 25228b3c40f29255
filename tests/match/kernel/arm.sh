#!/usr/bin/env bash
# scan_test.c for 64-bit Arm under an emulator: the plain NEON kernel on an old core, the one with dot products on a new one.
# Exit 77 (skipped) where compiler or emulator is absent.
set -euo pipefail
compiler=aarch64-linux-gnu-gcc
emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || { echo "skipped: no qemu-aarch64"; exit 77; }
command -v "$compiler" >/dev/null || { echo "skipped: no $compiler"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$compiler" -std=c17 -O2 -ffp-contract=off -static -D_GNU_SOURCE -Wall -Wextra -Werror -Itests/match/kernel/arm -Isrc -Iinclude -Itests \
    tests/match/kernel/scan_test.c src/match/kernel/*.c src/base/cpu.c src/base/memory.c -lm -pthread -o "$work/test"
"$emulator" -cpu cortex-a53 "$work/test" | tee "$work/old"
grep -q '^neon: ' "$work/old"
if grep -q '^neondot: ' "$work/old"; then echo "the old core has no dot products"; exit 1; fi
"$emulator" -cpu max "$work/test" | tee "$work/new"
grep -q '^neondot: ' "$work/new"
