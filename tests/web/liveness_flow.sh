#!/usr/bin/env bash
# Starts a server of its own and runs liveness_flow.mjs (or the one named) against it. Skips (77) where a part is missing.
set -euo pipefail
skip() { echo "skipped: $*"; exit 77; }
data=${VULTUS_TEST_DATA:-../shared/data}
pack=${VULTUS_PACK:-${VULTUS_HOME:-$HOME/.local/share/vultus}/packs/default}
[ -x /usr/bin/chromium ] && command -v node >/dev/null || skip "needs chromium and node"
modules=$(tests/sdk/install browser)
[ -f "$data/videos-dev/liveportrait_d10.mp4" ] && [ -f "$pack/manifest.json" ] || skip "needs the test data and a model pack"
work=$(mktemp -d); server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
export VULTUS_API_KEY; VULTUS_API_KEY=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
port=$((20000 + RANDOM % 20000))
export CALLBACK_PORT=$((port + 1)) CLIP=$data/videos-dev/liveportrait_d10.mp4 VULTUS_PROGRAM
"$VULTUS_PROGRAM" serve --pack "$pack" --data "$work/data" --evaluation --listen "127.0.0.1:$port" \
  --callback-origins "https://app.example,http://127.0.0.1:$CALLBACK_PORT" >"$work/log" 2>&1 & server=$!
for _ in $(seq 50); do grep -q 'serves on' "$work/log" && break; sleep 0.1; done
NODE_MODULES=$modules VULTUS_URL=http://127.0.0.1:$port VULTUS_KEY=$VULTUS_API_KEY timeout 280 node "$(dirname "$0")/${1:-liveness_flow}.mjs"
