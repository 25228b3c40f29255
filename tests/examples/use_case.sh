#!/usr/bin/env bash
# use_case.sh NAME: one worked use case, with the official clients. Exit 77 (skipped) where those cannot be installed.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
modules=$("$root/tests/sdk/install" python-beta2)
case $1 in kiosk)
    [ -x /usr/bin/chromium ] && command -v ffmpeg >/dev/null || { echo "skipped: needs chromium and ffmpeg"; exit 77; }
    JS_MODULES=$("$root/tests/sdk/install" js-beta3)
    BROWSER_MODULES=$("$root/tests/sdk/install" browser)
    export JS_MODULES BROWSER_MODULES ;;
esac
exec "$modules/bin/python" "$root/tests/examples/use_cases.py" "$1"
