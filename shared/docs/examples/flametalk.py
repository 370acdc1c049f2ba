#!/usr/bin/env python3
"""Flametalk: create an agent, deploy it, ask it, change and deploy it again, and delete it."""

import json
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY = settings("BASE_URL", "API_KEY")


def call(method, path, body=None):
    """Sends a request and returns the JSON of its answer."""
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    request = Request(BASE_URL + path, body and json.dumps(body).encode(), headers, method=method)
    try:
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except HTTPError as refused:
        sys.exit(f"{refused} {refused.read().decode()}")
    except URLError as failed:
        sys.exit(f"{BASE_URL} {failed.reason}")


def deploy(agent):
    """Deploys the agent's newest version."""
    version = call("GET", f"/v1/agents/{agent}")["data"]["versions"][0]
    deployed = call("POST", f"/v1/agents/{agent}/versions/{version['id']}/deploy")
    print("deployed", deployed["data"]["deployed_version"]["version_label"])


agent = call("POST", "/v1/agents", {"name": "Tide table", "instructions": "You know the tides."})["data"]["id"]
print("created", agent)
deploy(agent)
# Flametalk's API has no chat. The agent chats over the other four, here over
# AgentFlow's.
print(call("POST", f"/agents/{agent}/chat", {"text": "Ahoy!", "stream": False})["content"])
call("PATCH", f"/v1/agents/{agent}", {"instructions": "You know the tides and the winds."})
deploy(agent)
print(json.dumps(call("DELETE", f"/v1/agents/{agent}")["data"]))
