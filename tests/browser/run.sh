#!/bin/sh
# go test -exec "<repository>/tests/browser/run.sh --target=chromium" …: see exec.mjs.
exec node "$(dirname "$0")/exec.mjs" "$@"
