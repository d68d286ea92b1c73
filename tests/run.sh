#!/usr/bin/env bash
# Runs the whole test suite in stages and prints what each took. It stops at the first stage that fails.
set -uo pipefail
cd "$(dirname "$0")/.."

times=()
stage() {
	local name=$1 from=$SECONDS
	shift
	printf '\n== %s\n' "$name"
	if ! "$@"; then
		printf '\n== FAILED: %s, after %d s\n' "$name" $((SECONDS - from))
		exit 1
	fi
	times+=("$(printf '%5d s  %s' $((SECONDS - from)) "$name")")
}
trap 'node tests/browser/exec.mjs stop' EXIT

stage "install what the tests need" tests/install.sh
stage "package (wasm, worker, client)" make --no-print-directory package
stage "format, vet, types" make --no-print-directory lint
stage "native" make --no-print-directory test-native
stage "Node" make --no-print-directory test-node
stage "Chromium Worker" make --no-print-directory test-chromium
stage "Firefox Worker" make --no-print-directory test-firefox
stage "client in real browsers" make --no-print-directory test-client
stage "client in WebKit" make --no-print-directory test-webkit
stage "package in Node and fresh apps" make --no-print-directory test-package
stage "API reference" make --no-print-directory docs

printf '\n== All stages passed\n'
printf '%s\n' "${times[@]}"
