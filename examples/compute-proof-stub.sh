#!/bin/sh
# Where your prover goes. client.py (and `convoke prove --prover-url`) run this with the address of a
# batch; the proof is what it writes to standard output, and a status other than 0 means that there is none.
#
#     compute-proof-stub.sh URL                        hands out the example proof, which proves the example
#                                                      batch only: a server answers "invalid proof"
#     PROVER='convoke market reference-prover' compute-proof-stub.sh URL
#                                                      runs PROVER with the batch's file as its argument
#
# The time to download is no part of proving_time, so what took how long is written to the file that
# $PM_META names, with the cost and the price that follow from it. Any of these fields may be left out:
# then client.py's options say, and its own clock, which counts the download too.
set -eu

usd_per_hour=${USD_PER_HOUR:-2.50} # rent, power, cooling, network, upkeep: not the hardware, not setting it up
margin_percent=${MARGIN_PERCENT:-20}

now_ms() { python3 -c 'import time; print(time.monotonic_ns() // 1000000)'; }
fetch() { curl --fail --silent --show-error --retry 5 --retry-connrefused --output "$2" "$1"; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fetch "$1" "$dir/batch.bin"
fetched=$(now_ms)

if [ -n "${PROVER:-}" ]; then
    $PROVER "$dir/batch.bin" > "$dir/proof.bin"
else
    fetch "${1%%/static/*}/static/example-proof.bin" "$dir/proof.bin"
fi

if [ -n "${PM_META:-}" ]; then
    awk -v ms="$(($(now_ms) - fetched))" -v usd="$usd_per_hour" -v margin="$margin_percent" 'BEGIN {
        if (ms < 1) ms = 1
        cost = usd * 100 * ms / 3600000
        printf "{\"proving_time\": %d, \"cost\": %.6f, \"price\": %.6f}\n", ms, cost, cost * (1 + margin / 100)
    }' > "$PM_META"
fi
cat "$dir/proof.bin"
