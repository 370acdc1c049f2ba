#!/usr/bin/env bash
# `make test-sam`: SAM CLI validates and builds the template, then runs it in Docker,
# with MiniStack and the local model. It cannot stream (its issue 6501), so the
# streamed route sends its whole answer at once.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

image=public.ecr.aws/lambda/provided:al2023-$arch
imported=false

clean_up() {
  # SAM CLI keeps a container for each function, and does not always remove it.
  docker ps -aq --filter label=sam.cli.container.type=lambda >"$work/containers" 2>/dev/null
  comm -13 "$work/containers.before" <(sort "$work/containers") 2>/dev/null | xargs -r docker rm -f >/dev/null
  if $imported; then
    docker rmi -f "$image" "${image/al2023-/al2023-rapid-}" >/dev/null 2>&1
  fi
  if [[ -s $work/dockerd.pid ]]; then
    say "stopping Docker ..."
    end "$(<"$work/dockerd.pid")"
  fi
}

start_docker() {
  need docker "apt-get install -y docker.io"
  timeout 20 docker info >/dev/null 2>&1 && return
  need dockerd "no Docker daemon answers, and there is none to start: apt-get install -y docker.io"
  [[ $(id -u) = 0 ]] || die "No Docker daemon answers, and only root can start one."
  say "starting Docker ..."
  dockerd --pidfile "$work/docker.pid" >"$work/dockerd.log" 2>&1 &
  say $! >"$work/dockerd.pid" # not in `started`: containers are stopped first
  await 60 docker info || die "dockerd does not start: $(tail -n 5 "$work/dockerd.log")"
}

# get_image pulls Lambda's image. If that is impossible, an image with only a shell
# replaces it: the functions are static binaries, and SAM CLI adds its runtime
# interface emulator to any image.
get_image() {
  docker image inspect "$image" >/dev/null 2>&1 && return
  say "pulling $image ..."
  timeout 300 docker pull --quiet "$image" >"$work/pull.log" 2>&1 && return
  say "  not possible ($(tail -n 1 "$work/pull.log")), importing a stand-in"
  need busybox "it replaces Lambda's image where that cannot be pulled: apt-get install -y busybox-static"
  local root=$work/root applet
  mkdir -p "$root"/{bin,etc,tmp,var/task}
  chmod 1777 "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in $(busybox --list); do
    [[ -e $root/bin/$applet ]] || ln -s busybox "$root/bin/$applet"
  done
  imported=true
  tar -C "$root" -c . | docker import --platform "linux/${arch/x86_64/amd64}" - "$image" >/dev/null
  docker run --rm "$image" /bin/true || die "This busybox does not run alone: apt-get install -y busybox-static"
}

# call FUNCTION: runs sam local invoke with the function's event, with a valid session token.
call() {
  local to=$work/calls/$1
  mkdir -p "$to"
  sed "s/header\.payload\.signature/$session/" "events/$1.json" >"$to/event.json"
  timeout 120 sam local invoke "$(logical_id "$1")" --event "$to/event.json" "${local_flags[@]}" \
    >"$to/answer" 2>"$to/log" || true
}

# take FUNCTION: makes the answer to its call the one that `answered` checks.
take() {
  cp "$work/calls/$1/answer" "$work/calls/$1/log" "$work/"
  if jq -rs '.[0] | .statusCode? // .errorType? // "none"' "$work/answer" >"$work/status" 2>/dev/null && [[ -s $work/answer ]]; then
    jq -r '.body? // .' "$work/answer" >"$work/body"
  else
    say 000 >"$work/status"
    cat "$work/answer" "$work/log" >"$work/body"
  fi
}

install_sam
start_docker
docker ps -aq --filter label=sam.cli.container.type=lambda | sort >"$work/containers.before"
get_image

say "sam validate, sam build"
check "the template is valid" sam validate --lint
check "sam build, as it is" timeout 900 sam build --build-dir "$work/plain"
check "it built every function" has_bootstraps "$work/plain"
check "sam build for $arch" timeout 900 sam build --build-dir "$work/build" --parameter-overrides "Architecture=$arch"
check "it built every function" has_bootstraps "$work/build"
check "make build for $arch" make -s build "GOARCH_LAMBDA=$(case $arch in arm64) echo arm64 ;; *) echo amd64 ;; esac)"
check "both ship the same sizes" same_sizes "$work/build"
check "sam build --parallel of one function, from another folder" eval \
  "cd / && timeout 900 sam build FlapjackAgentList --parallel --template '$PWD/template.yaml' --build-dir '$work/one'"
check "it built that function" test -x "$work/one/FlapjackAgentList/bootstrap"
((failed == 0)) || die "What is not built cannot run."

# Containers reach this machine only at the bridge's address.
start_backend "$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}')"
read -r table pool client secrets < <("$work/backend" create "$endpoint")
key=$("$work/backend" seed "$endpoint" "$table" "$secrets")
session=$("$work/backend" login "$endpoint" "$table" "$pool" "$client")
# SAM CLI uses a resource's name as its id, and user pools and keys have no such ids.
printf '{"Parameters": {"USER_POOL_ID": "%s", "USER_POOL_CLIENT_ID": "%s", "SECRETS_KEY_ID": "%s"}}' "$pool" "$client" "$secrets" >"$work/environment.json"
local_flags=(
  --template "$work/build/template.yaml" --config-file "$PWD/samconfig.toml" --skip-pull-image
  --add-host aws.local:host-gateway --env-vars "$work/environment.json"
  --parameter-overrides "Architecture=$arch EndpointUrl=http://aws.local:${endpoint##*:}"
)

# The events name data that the backend has stored (tests/sam/example).
say "sam local invoke, every function with its file in events/"
routes=() workers=()
for function in functions/*/; do
  function=$(basename "$function")
  case $function in
  worker-*) workers+=("$function") ;;
  *) routes+=("$function") ;;
  esac
done
call "${routes[0]}" # it builds the image
lanes=()
for lane in 1 2; do # SAM CLI takes most of the time of a call
  (for ((i = lane; i < ${#routes[@]}; i += 2)); do call "${routes[i]}"; done) &
  lanes+=($!)
done
wait "${lanes[@]}"
for function in "${routes[@]}" "${workers[@]}"; do
  [[ $function != worker-* ]] || call "$function" # one changes what another one needs
  take "$function"
  case $function in
  worker-sweep)
    check "$function: no error" answered none
    check "$function: it released the hold of a dead turn" grep -q '"holds":1' "$work/log"
    ;;
  worker-usage-rollup)
    check "$function: no error" answered none
    check "$function: it processed all orgs" grep -q '"msg":"usage rollup".*"done":true' "$work/log"
    ;;
  worker-automation | worker-callback | worker-delivery | worker-event | worker-mail | worker-meta | worker-twilio)
    check "$function: it handled every message" answered none '.batchItemFailures == []'
    ;;
  flapjack-message-create)
    jq -Rs . "$work/body" >"$work/text" && mv "$work/text" "$work/body"
    check "$function" answered 200 'test("event: done\ndata: .*You said: Hello there.*\n\n$")'
    ;;
  flexyagents-chat-create)
    jq -s . "$work/body" >"$work/lines" && mv "$work/lines" "$work/body"
    check "$function" answered 200 'map(.type)[0] == "start" and last.message.content == "You said: Hello there"'
    ;;
  *) check "$function" answered '2..' ;;
  esac
done

say "sam local start-api"
port=$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sam local start-api --port "$port" "${local_flags[@]}" >"$work/api.log" 2>&1 &
started=($! "${started[@]}")
api=http://127.0.0.1:$port
await 60 curl -s "$api" || die "start-api does not start: $(tail -n 5 "$work/api.log")"

known=$key
key=unknown
request GET "$api/api/agents"
check "an unknown key is refused" answered 401 '.error == "UNAUTHORIZED"'
key=$known

request POST "$api/v1/agents" '{"name": "SAM", "instructions": "Be brief."}'
check "an agent is created over Flametalk" answered 201 '.success and (.data.slug | startswith("sam-"))'
agent=$(value .data.id)
request GET "$api/api/v1/agents/$agent"
check "it has a draft" answered 200 '.data.versions[0].deployment_status == "draft"'
version=$(value '.data.versions[0].id')
request POST "$api/api/v1/agents/$agent/versions/$version/deploy"
check "it is deployed" answered 200 ".data.deployed_version.id == \"$version\""

request POST "$api/api/threads" "{\"agentId\": \"$agent\"}"
check "a thread is created over Flapjack" answered 201 ".agent_id == \"$agent\""
thread=$(value .id)
request POST "$api/api/threads/$thread/messages" '{"content": "[[words 20]]"}'
check "the streamed route answers whole: status" test "$(<"$work/status")" = 200
check "the streamed route answers whole: type" grep -qi '^content-type: text/event-stream' "$work/headers"
check "the streamed route answers whole: first event" test "$(grep -m1 '^event: ' "$work/body")" = 'event: meta'
check "the streamed route answers whole: a token a word" test "$(grep -c '^event: token$' "$work/body")" = 20
check "the streamed route answers whole: last event" test "$(grep '^event: ' "$work/body" | tail -n 1)" = 'event: done'
check "the streamed route answers whole: the answer" \
  holds '.content | startswith("w1 w2") and endswith("w19 w20")' <(grep '^data: ' "$work/body" | tail -n 1 | cut -c7-)
request POST "$api/api/threads/$thread/messages" '{"content": " "}'
check "an error of the streamed route is an ordinary answer" answered 422 '.error == "VALIDATION_ERROR"'
request GET "$api/api/threads/$thread/messages"
check "the thread has both messages" answered 200 'map(.role) == ["user", "assistant"]'
