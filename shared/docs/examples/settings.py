"""Settings of the examples in Python, from the environment.

Without BASE_URL they come from the .local/demo.json of this clone, which `make
run` writes. Run as a program, this prints them for a shell.
"""

import json
import os
import pathlib
import re
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


def settings(*names):
    """Returns the settings of these names, each a variable of the environment."""
    defaults = {} if os.environ.get("BASE_URL", "").strip() else _demo()
    # A value that is read from a file has a line break at its end.
    found = {name: os.environ.get(name, "").strip() or defaults.get(name) for name in names}
    missing = [name for name in names if not found[name]]
    if missing:
        sys.exit(f"set {' and '.join(missing)}, as BASE_URL is set")
    for name, value in found.items():
        if not re.fullmatch("[!-~]+", value):
            sys.exit(f"{name} must be printable ASCII without blanks")
    if not re.match("https?://", found["BASE_URL"]):
        sys.exit("BASE_URL must begin with http:// or https://")
    found["BASE_URL"] = found["BASE_URL"].rstrip("/")
    return found.values()


if __name__ == "__main__":
    names = sys.argv[1:]
    for name, value in zip(names, settings(*names)):
        print(f"{name}={shlex.quote(value)}")
