"""Creates threads with messages, and automations, in a local deployment, and writes the inputs of Schemathesis.

prepare.py DEMO_JSON FOLDER: agents.txt, orgs.txt and threads.txt list ids, hooks.txt paths of automations that start
with a request, automations.txt their ids and runs.txt one run of each; auth-key.yaml, auth-owner.yaml and auth-operator.yaml have credentials; prints the deployment's address.
"""

import json
import pathlib
import sys
import urllib.request

demo = json.loads(pathlib.Path(sys.argv[1]).read_text())
folder = pathlib.Path(sys.argv[2])
orgs = demo["orgs"]


def call(org, path, body):
    request = urllib.request.Request(
        demo["base_url"] + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer " + orgs[org]["api_key"]},
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def new_thread(org):
    """Returns a thread's id that has an answer in it."""
    thread = json.loads(call(org, "/api/threads", {"agentId": orgs[org]["agent_id"]}))["id"]
    call(org, f"/api/threads/{thread}/messages", {"content": "[[words 3]]"})
    return thread


def new_hook(org):
    """Returns the path of a published automation that the org's key starts, its id, and that of a run."""
    path = f"schemathesis-{org}"
    automation = call(
        org,
        "/api/v1/automations",
        {
            "name": "Orders",
            "trigger": {"type": "webhook", "path": path, "verify": {"type": "bearer", "secret": orgs[org]["api_key"]}},
            "steps": [{"id": "order", "type": "set", "values": {"order": "{{trigger.body.order}}"}}],
        },
    )
    automation = json.loads(automation)["data"]["id"]
    call(org, f"/api/v1/automations/{automation}/publish", {})
    run = json.loads(call(org, f"/api/webhooks/automations/{path}", {"order": 1}))["run_id"]
    return path, automation, run


def write_list(name, values):
    (folder / name).write_text("".join(json.dumps(v) + "\n" for v in values))


def write_auth(name, credentials):
    """Writes credentials by their names. A session's token does as a bearer's, too."""
    headers = {k: "Bearer " + v.removeprefix("af_session=") for k, v in credentials.items()}
    known = [{"name": k, "fixedHeaders": [{"name": "Authorization", "value": v}]} for k, v in headers.items()]
    (folder / name).write_text(json.dumps({"auth": known}))


write_list("agents.txt", [org["agent_id"] for org in orgs.values()])
write_list("orgs.txt", [org["id"] for org in orgs.values()])
write_list("threads.txt", [new_thread(org) for org in ("demo", "other") for _ in range(3)])
for name, values in zip(("hooks.txt", "automations.txt", "runs.txt"), zip(*map(new_hook, ("demo", "other")))):
    write_list(name, values)
write_auth("auth-key.yaml", {name: org["api_key"] for name, org in orgs.items()})
write_auth("auth-owner.yaml", {name: org["session_cookie"] for name, org in orgs.items()})
write_auth("auth-operator.yaml", {"operator": demo["operator_key"]})
print(demo["base_url"])
