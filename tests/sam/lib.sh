# Sourced by the tiers that run SAM CLI: assertions and cleanup.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
export TMPDIR=$work # so that leftovers of SAM CLI and Go are deleted with it
passed=0
failed=0
started=() # processes to stop, latest first

export SAM_CLI_TELEMETRY=0 PYTHONWARNINGS=ignore
export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
# In sam local, this shell's variables override the template's.
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL TABLE_NAME MODEL_NAME MODEL_BASE_URL MODEL_API_KEY MODEL_API_KEY_PARAMETER
# `sam build` must use the project's flags, not those of a developer's shell.
unset CGO_ENABLED GOFLAGS LAMBDA_FLAGS

case $(uname -m) in
aarch64 | arm64) arch=arm64 ;;
*) arch=x86_64 ;;
esac

say() { printf '%s\n' "$*"; }

# die SENTENCE: fails because the tier cannot run.
die() {
  say "$*" >&2
  failed=$((failed + 1))
  exit 1
}

# need COMMAND HOW: fails if COMMAND is missing; HOW tells how to install it.
need() { command -v "$1" >/dev/null || die "$1 is missing: $2"; }

# check NAME COMMAND...: an assertion that COMMAND succeeds.
check() {
  local name=$1 out
  shift
  if out=$("$@" 2>&1); then
    passed=$((passed + 1))
    say "  ok      $name"
  else
    failed=$((failed + 1))
    say "  FAILED  $name"
    tail -n 25 <<<"$out" | sed 's/^/          /'
  fi
}

# await SECONDS COMMAND...: waits until COMMAND succeeds.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# end PID: stops a process that was started here, and waits for its exit.
end() {
  kill "$1" 2>/dev/null || return 0
  await 30 eval "! kill -0 $1" || kill -9 "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

clean_up() { :; } # overridden by tiers, called after their processes have stopped

finish() {
  local status=$?
  trap - EXIT INT TERM
  set +e
  for pid in "${started[@]}"; do end "$pid"; done
  clean_up
  if ((status != 0 && failed == 0)); then
    failed=1 # a command failed unexpectedly
  fi
  rm -rf "$work"
  say "$passed passed, $failed failed"
  exit $((failed > 0))
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# install_python NAME PROGRAM: installs tests/NAME/requirements.txt into .venv-NAME,
# which must then have PROGRAM.
install_python() {
  local venv=.venv-$1 wanted=tests/$1/requirements.txt
  need go "see https://go.dev/dl"
  need make "apt-get install -y make"
  need python3 "apt-get install -y python3 python3-venv"
  make -s .venv/bin/ministack || die "MiniStack could not be installed, see above."
  if [[ ! -x $venv/bin/$2 || $wanted -nt $venv/installed ]]; then
    say "installing $1 into $venv ..."
    python3 -m venv "$venv" || die "python3 -m venv failed: apt-get install -y python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" || die "$1 could not be installed, see above."
    touch "$venv/installed"
  fi
}

# install_sam adds SAM CLI to the path.
install_sam() {
  need curl "apt-get install -y curl"
  need jq "apt-get install -y jq"
  install_python sam sam
  PATH=$PWD/.venv-sam/bin:$PATH
}

# start_backend HOST: starts AWS and the model; sets endpoint.
start_backend() {
  say "starting a local AWS and the local model ..."
  export NO_PROXY=$1,127.0.0.1 no_proxy=$1,127.0.0.1
  go build -o "$work/backend" ./tests/sam/backend
  "$work/backend" serve "$1" "$work" >"$work/backend.log" 2>&1 &
  started=($! "${started[@]}")
  await 60 test -s "$work/endpoint" || die "The local AWS does not start: $(tail -n 5 "$work/backend.log")"
  endpoint=$(<"$work/endpoint")
  export AWS_ENDPOINT_URL_STS=$endpoint # sam local reads the account from it
}

# has_bootstraps DIR: DIR has a bootstrap for every function of the template.
has_bootstraps() {
  local f
  for f in functions/*/; do
    f=$(logical_id "$(basename "$f")")
    [[ -x $1/$f/bootstrap ]] || { say "$f was not built"; return 1; }
  done
}

# same_sizes DIR: every bootstrap has the size of `make build`'s, within 1 %.
same_sizes() {
  local f built made wrong=0
  for f in functions/*/; do
    f=$(basename "$f")
    built=$(wc -c <"$1/$(logical_id "$f")/bootstrap") made=$(wc -c <".build/$f/bootstrap")
    ((100 * (built - made) <= made && 100 * (made - built) <= made)) && continue
    say "$f: sam build makes $built bytes, make build $made"
    wrong=1
  done
  return $wrong
}

# logical_id FUNCTION: flapjack-agent-list is FlapjackAgentList in the template.
logical_id() { sed -E 's/(^|-)(.)/\U\2/g' <<<"$1"; }

# request METHOD URL [BODY]: sends a request with $key; `answered` checks the answer.
request() {
  local body=()
  if (($# > 2)); then
    body=(-H 'Content-Type: application/json' -d "$3")
  fi
  curl -sS --max-time 60 -X "$1" -H "Authorization: Bearer $key" "${body[@]}" \
    -D "$work/headers" -o "$work/body" -w '%{http_code}' "$2" >"$work/status" || say 000 >"$work/status"
}

# answered STATUS [FILTER]: the last answer has the status, and a body for which jq's
# FILTER is true.
answered() {
  [[ $(<"$work/status") =~ ^$1$ ]] && { (($# == 1)) || holds "$2" "$work/body"; } && return
  say "status $(<"$work/status"), want $1; body, want ${2:-any}:"
  cat "$work/body"
  return 1
}

# holds FILTER FILE: jq's FILTER is true for the file, which must not be empty.
holds() { jq -ne "input | $1" "$2" >/dev/null; }

# value FILTER: prints a part of the last answer's body.
value() { jq -r "$1" "$work/body" 2>/dev/null || true; }
