#!/usr/bin/env bash
# `make test-deploy`: SAM CLI deploys the whole template into MiniStack, and the
# requests go to MiniStack's API Gateway. MiniStack runs the uploaded binaries as
# processes of this machine. It does not support streaming integrations and answers
# 500; `make test` tests the streamed route.
set -euo pipefail
source "$(dirname "$0")/../sam/lib.sh"

stack=quintet-staging # the name in samconfig.toml

deploy() {
  AWS_ENDPOINT_URL=$endpoint timeout 300 sam deploy --template "$work/build/template.yaml" \
    --config-file "$PWD/samconfig.toml" --config-env staging --no-progressbar --parameter-overrides \
    "Architecture=$arch EndpointUrl=$endpoint DeletionProtection=false LogRetentionDays=7"
}

nothing_to_do() {
  deploy >"$work/again" 2>&1 && grep -q 'No changes to deploy' "$work/again" && return
  cat "$work/again"
  return 1
}

# physical_id LOGICAL_ID: the physical id of a resource of the stack.
physical_id() {
  AWS_ENDPOINT_URL=$endpoint sam list resources --stack-name "$stack" --output json 2>"$work/list.log" |
    jq -r --arg id "$1" '.[] | select(.LogicalResourceId == $id).PhysicalResourceId'
}

install_sam

say "sam build"
check "sam build for $arch" timeout 900 sam build --build-dir "$work/build" --parameter-overrides "Architecture=$arch"
check "it built every function" has_bootstraps "$work/build"
((failed == 0)) || die "What is not built cannot be deployed."

start_backend 127.0.0.1

say "sam deploy"
check "sam deploy" deploy
((failed == 0)) || die "What is not deployed cannot be asked."
held() { python tests/deploy/deployed.py template.yaml "$endpoint" "$stack" "$1"; }
check "the stack has every resource of the transformed template" held stack
check "the services have what the template describes" held services
check "sam deploy again finds nothing to do" nothing_to_do

say "API Gateway"
api=$endpoint/restapis/$(physical_id Api)/live/_user_request_
key=unknown
request GET "$api/api/agents"
check "Flapjack refuses an unknown key" answered 401 '.error == "UNAUTHORIZED" and .detail'
request GET "$api/v1/agents"
check "Flametalk refuses an unknown key" answered 401 '.success == false and .error.code == "UNAUTHORIZED"'

key=$("$work/backend" seed "$endpoint" "$(physical_id Table)" "$(physical_id SecretsKey)")
session=$("$work/backend" login "$endpoint" "$(physical_id Table)" "$(physical_id UserPool)" "$(physical_id UserPoolClient)")
request POST "$api/auth/login" '{"email": "example@example.com", "password": "Correct horse, battery 1"}'
check "the owner logs in" answered 200 '.data.user.role == "owner"'
check "the session is a cookie" grep -qi '^set-cookie: af_session=' "$work/headers"
known=$key
key=$session
request GET "$api/me"
check "a session works like a key" answered 200 '.email == "example@example.com" and .balance'
request POST "$api/api/v1/org/members" '{"email": "colleague@example.com", "role": "member"}'
check "the owner invites a member" answered 201 '.data.role == "member"'
key=$known
request GET "$api/api/agents"
check "Flapjack lists the org's agents" answered 200 'any(.[]; .name == "Example Agent" and .default_model == "amazon.nova-lite-v1:0")'
request POST "$api/api/v1/agents" '{"name": "Deployed", "instructions": "Be brief."}'
check "Flametalk creates an agent" answered 201 '.data.name == "Deployed"'
request GET "$api/v1/agents/$(value .data.id)"
check "a path parameter arrives" answered 200 '.data.name == "Deployed" and .data.deployed_version == null'
request GET "$api/api/v1/agents?limit=1"
check "a query arrives" answered 200 '(.data | length) == 1 and .pagination.total == 4'
