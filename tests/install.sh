#!/usr/bin/env bash
# Installs what the tests need beyond Go, Node and git, or says what is missing: redis-server, redis-py, the browsers, a display.
set -euo pipefail

declare -A package=([redis-server]=redis-server [redis-cli]=redis-tools [chromium]=chromium [firefox-esr]=firefox-esr [Xvfb]=xvfb)
missing=()
for program in redis-server redis-cli chromium firefox-esr Xvfb; do
	command -v "$program" >/dev/null || missing+=("${package[$program]}")
done
# MiniBrowser, which is WebKitGTK's, comes with its driver, and is not on the path.
compgen -G '/usr/lib/*/webkit2gtk-4.1/MiniBrowser' >/dev/null || missing+=(webkit2gtk-driver)
# Debian's Python, not what else is called python3: that one would not see the package.
/usr/bin/python3 -c 'import redis' 2>/dev/null || missing+=(python3-redis)
if [ ${#missing[@]} -eq 0 ]; then
	echo "redis-server, python3-redis, chromium, firefox-esr and WebKitGTK's MiniBrowser are there"
	exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "The tests need: ${missing[*]}. Please install them, on Debian with: apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi
echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Installing redis-server must not start one: the tests run their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod +x "$policy"
	trap 'rm -f "$policy"' EXIT
fi
apt-get install -y --no-install-recommends "${missing[@]}"
