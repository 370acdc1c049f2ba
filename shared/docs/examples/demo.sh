# Source this in a clone while `make run` serves: it sets the variables that
# the examples and the README use, from .local/demo.json.
#
#   . shared/docs/examples/demo.sh

eval "$(python3 - "${DEMO:-.local/demo.json}" <<'PYTHON'
import json, shlex, sys

try:
    with open(sys.argv[1]) as file:
        demo = json.load(file)
except FileNotFoundError:
    missing = f"{sys.argv[1]} is missing: start `make run` and wait until it answers"
    print(f"echo {shlex.quote(missing)} >&2; return 1")
    sys.exit()
org = demo["orgs"]["demo"]
for name, value in {
    "BASE_URL": demo["base_url"],
    "API_KEY": org["api_key"],
    "AGENT": org["agent_id"],
    "SESSION": org["session_cookie"],
    "WEBHOOK_SECRET": org["webhook_secret"],
    "OPERATOR_KEY": demo["operator_key"],
    "EMPTY_ORG": demo["orgs"]["empty"]["id"],
}.items():
    print(f"export {name}={shlex.quote(value)}")
PYTHON
)"

# call PATH [CURL OPTIONS]: curl with the base URL, the key and a JSON body.
call() {
  _path=$1
  shift
  curl -sSN "$BASE_URL$_path" -H "Authorization: Bearer $API_KEY" -H 'Content-Type: application/json' "$@"
  echo
}

. shared/docs/examples/field.sh
