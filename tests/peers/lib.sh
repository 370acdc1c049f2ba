# Sourced by the programs that send a page's requests. They get the deployment's
# address, keys and ids, and report for each step whether the answer is the page's.

for given in BASE_URL KEY SESSION BOUND_KEY EMPTY_KEY ORG AGENT SLUG SECOND_AGENT EMPTY_AGENT; do
  [[ -n ${!given-} ]] || { echo "$given is not set" >&2; exit 2; }
done

set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"; exit $((failed > 0))' EXIT
failed=0

# curl prints its errors but no progress, and times out.
curl() { command curl -sS --max-time 60 "$@"; }

# pretty formats JSON as the page's tool does.
pretty() { python3 -m json.tool; }

# steady replaces the values that differ from run to run.
steady() {
  sed -E -e "s/${NEW-no-new-one}/<new>/g" -e "s/$AGENT/<agent>/g; s/$SLUG/<slug>/g; s/$ORG/<org>/g; s/$EMPTY_AGENT/<empty agent>/g" \
    -e "s/$SECOND_AGENT/<second agent>/g; s#$BASE_URL#<base url>#g" \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/<time>/g' \
    -e 's/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/<uuid>/g' \
    -e 's/v-[0-9a-f]{12}/<version>/g; s/tooluse_[A-Za-z0-9_-]+/<tool use>/g; s/msg-[0-9]+[ab]-<uuid>/<message>/g' \
    -e 's/(support-agent)-[0-9a-f]{6}/\1-<hex>/g; s/(_live_)[0-9A-Za-z]{33}/\1<secret>/g' \
    -e 's/("execution_time": ?)[0-9]+/\1<ms>/g; s/"([0-9]+\.[0-9]{3})"/"<flow>"/g'
}

# shows STEP: compares standard input with the answer in $work/answer, after steady.
shows() {
  local difference
  if difference=$(diff - <(steady <"$work/answer")); then
    echo "ok $1"
    return
  fi
  failed=$((failed + 1))
  echo "FAILED $1"
  sed 's/^/  /' <<<"$difference"
}

# holds STEP COMMAND...: the step is ok if the command succeeds.
holds() {
  local step=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "ok $step"
    return
  fi
  failed=$((failed + 1))
  echo "FAILED $step"
  sed 's/^/  /' <<<"$* says: $said"
}

# part PATH: prints a part of the answer's JSON; PATH is a Python index.
part() { python3 -c "import json, sys; print(json.load(sys.stdin)$1)" <"$work/answer"; }
