"""AgentFlow's chat from Python with requests, which reads lines but not events."""

import json
import os
import re
import sys

import requests

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from steps import same  # noqa: E402


def events(lines):
    """Makes events, a name and a value each, of a stream's lines as bytes."""
    name = None
    for line in lines:
        field, _, value = line.decode().partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            yield name, json.loads(value)


def ask(**body):
    return requests.post(
        f"{os.environ['BASE_URL']}/agents/{os.environ['SLUG']}/chat",
        headers={"x-api-key": os.environ["KEY"]},
        json=body,
        stream=True,
        timeout=60,
    )


def main():
    with ask(text="Hi!") as answer:
        same("status and type", (200, "text/event-stream; charset=utf-8"), (answer.status_code, answer.headers["content-type"]))
        same("held credits", "0.500", answer.headers["x-flow-precharge"])
        before = answer.headers["x-flow-balance"]
        told = list(events(answer.iter_lines()))
    names = [name for name, _ in told]
    same("events", ["status"] + ["message"] * 3 + ["done", "flow_meta"], names)
    same("status of the turn", {"state": "thinking"}, told[0][1])
    same("pieces", "You said: Hi!", "".join(data for name, data in told if name == "message"))
    done, meta = told[-2][1], told[-1][1]
    same("whole text", ("You said: Hi!", "You said: Hi!", []), (done["text"], done["content"], done["tools"]))
    same("form of the balance", True, all(re.fullmatch(r"\d+\.\d{3}", b) for b in (before, meta["balance_remaining"])))

    # Twenty words cost more than 0.001 credits, the precision of balances.
    with ask(text="[[words 20]]") as answer:
        before = answer.headers["x-flow-balance"]
        meta = list(events(answer.iter_lines()))[-1][1]
    same("the balance falls", True, float(meta["balance_remaining"]) < float(before))

    with ask(messages=[{"role": "user", "content": "grüße 👩‍👩‍👧\u2028\u0085"}], stream=True) as answer:
        told = dict(events(answer.iter_lines()))
    same("characters beyond ASCII", "You said: grüße 👩‍👩‍👧\u2028\u0085", told["done"]["text"])

    with ask(text="Hi!", stream=False) as answer:
        whole = answer.json()
    same("a whole answer", ("You said: Hi!", "You said: Hi!"), (whole["content"], whole["text"]))
    same("remaining credits", True, re.fullmatch(r"\d+\.\d{3}", whole["flow_balance_remaining"]) is not None)


if __name__ == "__main__":
    main()
