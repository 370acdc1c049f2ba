"""BASE_URL, API_KEY and AGENT for the examples in Python.

They come from the environment. Any that are missing come from the
.local/demo.json of this clone, which `make run` writes. Run as a program, this
prints them for a shell.
"""

import json
import os
import pathlib
import shlex
import sys


def _demo():
    clone = pathlib.Path(__file__).resolve().parents[3]
    file = pathlib.Path(os.environ.get("DEMO") or clone / ".local/demo.json")
    try:
        demo = json.loads(file.read_text())
    except FileNotFoundError:
        sys.exit(f"set BASE_URL, API_KEY and AGENT, or start `make run`, which writes {file}")
    org = demo["orgs"]["demo"]
    return {
        "BASE_URL": demo["base_url"],
        "API_KEY": org["api_key"],
        "AGENT": org["agent_id"],
        "WEBHOOK_SECRET": org["webhook_secret"],
    }


def setting(name):
    """Returns the environment variable of that name, else the demo's value."""
    return os.environ.get(name) or _demo()[name]


BASE_URL, API_KEY, AGENT = (setting(name) for name in ("BASE_URL", "API_KEY", "AGENT"))

if __name__ == "__main__":
    for name in ("BASE_URL", "API_KEY", "AGENT"):
        print(f"{name}={shlex.quote(globals()[name])}")
