#!/usr/bin/env bash
# Runs the long suites, `make` targets, one after another and prints what each found and took. One that fails stops none of the
# others, but the whole is failed then. The first word is their size: full, or small for a trial.
set -uo pipefail
cd "$(dirname "$0")/.."

case ${1-} in
full) sizes=() ;;
small) sizes=(CRASHES=500 KILLS=6 MOMENTS=10 DAMAGES=1000 TRAVELS=50 ROUNDS=8 FILLS=1 STRIDE=97 EVENTS=2 SOAK=10 CHANGES=5000 OPENS=100 CALLS=100000) ;;
*) echo "usage: tests/proof.sh full|small <target>..." >&2; exit 2 ;;
esac
shift

trap 'node tests/browser/exec.mjs stop' EXIT
logs=$(mktemp -d)
summary=()
failed=0
for suite in "$@"; do
	printf '\n== %s\n' "$suite"
	from=$SECONDS
	verdict=ok
	make --no-print-directory "$suite" "${sizes[@]}" 2>&1 | tee "$logs/$suite" || { verdict=FAILED failed=1; }
	summary+=("$(printf '%6d s  %-13s %s' $((SECONDS - from)) "$suite" "$verdict")")
	# The figures: what a test of Go logs under no other, or one of Node's reports beside its counts.
	while read -r figure; do
		summary+=("                        $figure")
	done < <(sed -nE 's/^ {4}[a-z0-9_]+\.go:[0-9]+: //p; /^(ℹ|#) (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /d; s/^(ℹ|#) //p' "$logs/$suite")
done

printf '\n== %s\n' "$([ $failed = 0 ] && echo 'All suites passed' || echo "FAILED; the outputs are in $logs")"
printf '%s\n' "${summary[@]}"
[ $failed = 0 ] && rm -r "$logs"
exit $failed
