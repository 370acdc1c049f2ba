"""AgentFlow's chat from Python with httpx, whole, streamed, and in concurrent streams."""

import asyncio
import os
import sys

import httpx
from httpx_sse import aconnect_sse, connect_sse

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from steps import same  # noqa: E402

CHAT = f"/agents/{os.environ['SLUG']}/chat"
OPTIONS = {"base_url": os.environ["BASE_URL"], "headers": {"x-api-key": os.environ["KEY"]}, "timeout": 60}


def stream(client):
    with connect_sse(client, "POST", CHAT, json={"text": "[[words 3]]"}) as source:
        told = [(event.event, event.json()) for event in source.iter_sse()]
    same("events", ["status", "message", "message", "message", "done", "flow_meta"], [name for name, _ in told])
    same("pieces", ["w1", " w2", " w3"], [data for name, data in told if name == "message"])
    same("whole text", "w1 w2 w3", told[-2][1]["text"])
    same("balance in the last event", ["balance_remaining"], list(told[-1][1]))


def whole(client):
    answer = client.post(CHAT, json={"text": "[[words 3]]", "stream": False})
    same("a whole answer", (200, "application/json", "w1 w2 w3"), (answer.status_code, answer.headers["content-type"], answer.json()["content"]))


def refused(client):
    answer = client.post(CHAT, json={"text": "Hi!"}, headers={"x-api-key": "af_live_of_nobody"})
    same("401", (401, {"error": "invalid_api_key"}), (answer.status_code, answer.json()))


async def many():
    async def one(client, n):
        async with aconnect_sse(client, "POST", CHAT, json={"text": f"[[words {n}]]", "thread_id": f"{os.getpid()}-{n}"}) as source:
            return [event.json() async for event in source.aiter_sse() if event.event == "message"]

    async with httpx.AsyncClient(**OPTIONS) as client:
        told = await asyncio.gather(*(one(client, n) for n in range(1, 6)))
    same("concurrent streams", [1, 2, 3, 4, 5], [len(pieces) for pieces in told])


with httpx.Client(**OPTIONS) as connected:
    stream(connected)
    whole(connected)
    refused(connected)
asyncio.run(many())
