#!/usr/bin/env bash
# deliver.sh RUSHES OUT JOB: makes what is missing, and acts on what comes of it. For cron or a CI job, again and again.
# Exit: 0 all is delivered, 1 films were put aside or some exports failed, 2 the request is wrong, 75 try again later.
set -u
sg=${SG:-sg-export} rushes=$1 out=$2 job=$3
log=$(mktemp) && trap 'rm -f "$log"' EXIT
mkdir -p "$rushes/aside"
# A history of its own for each delivery folder: what is there is known by it, and --resume takes up this run and no other.
export SG_EXPORT_DB=${SG_EXPORT_DB:-$out/.history.db}

# A source that cannot be read would keep all others waiting: it is put aside, with the reason.
for film in "$rushes"/*; do
  [ -f "$film" ] || continue
  said=$($sg validate "$film" --json)
  [ $? = 3 ] || continue
  mv "$film" "$rushes/aside/"
  jq -r '.issues[] | select(.severity == "error") | .message' <<< "$said" > "$rushes/aside/$(basename "$film").txt"
done

# NDJSON: the last line is the result of all; the others say how it goes.
run() {
  $sg multi "$@" --json | tee "$log" | jq --unbuffered -r '
    if .type == "multi_progress" then "\(.finished) of \(.count) done, \(.progress | floor) %"
    elif .type == "export_result" then "\(.status) \(.output_files[0] // .source) \(.error_message // "")"
    else empty end'
  code=${PIPESTATUS[0]}
}
run "$rushes" --job "$job" --output-folder "$out" --skip-existing
# A disk that was full or an encoder that crashed may do better the second time: only what is missing is made.
[ "$code" = 6 ] || [ "$code" = 8 ] && run --resume

case $code in
  0) [ -z "$(ls "$rushes/aside")" ] ;;
  6 | 7 | 8) tail -n 1 "$log" | jq -r '.exports[] | select(.error_code) | "\(.error_code) \(.source): \(.error_message)"' >&2 ; exit 1 ;;
  124 | 129 | 130 | 143) exit 75 ;;
  *) tail -n 1 "$log" | jq -r .error_message >&2 ; exit 2 ;;
esac
