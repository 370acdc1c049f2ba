"""Python's readers of streams: they find the expected events, wherever a stream is cut."""

import base64
import json
import os
import sys

import httpx
import requests
from httpx_sse import EventSource

PEERS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [PEERS, os.path.join(PEERS, "pages")]
from agentflow_requests import events  # noqa: E402
from steps import same  # noqa: E402


def of_httpx(media, pieces):
    return httpx.Response(200, headers={"content-type": media}, content=iter(pieces))


class Raw:
    """What requests reads from: it takes pieces as they come."""

    def __init__(self, pieces):
        self.pieces = pieces

    def stream(self, *_, **__):
        return iter(self.pieces)


def of_requests(pieces):
    response = requests.Response()
    response.status_code, response.raw = 200, Raw(pieces)
    return response


def httpx_sse(media, pieces):
    return [(event.event, json.loads(event.data)) for event in EventSource(of_httpx(media, pieces)).iter_sse()]


def httpx_lines(media, pieces):
    return [("", json.loads(line)) for line in of_httpx(media, pieces).iter_lines()]


def requests_lines(_, pieces):
    return [("", json.loads(line)) for line in of_requests(pieces).iter_lines()]


def requests_events(_, pieces):
    return list(events(of_requests(pieces).iter_lines()))


READERS = {
    "text/event-stream": {"httpx-sse": httpx_sse, "lines of requests": requests_events},
    "application/x-ndjson": {"lines of httpx": httpx_lines, "lines of requests": requests_lines},
}


def cut(body, places):
    return [body[a:b] for a, b in zip([0, *places], [*places, len(body)])]


def check(name, read, recording):
    body = base64.b64decode(recording["body"])
    want = [(event["name"], json.loads(event["data"])) for event in recording["events"]]
    for places in recording["cuts"]:
        got = read(recording["media"], cut(body, places))
        if got != want:
            break
    same(f"{name} read {recording['name']}", (places, want), (places, got))


with open(sys.argv[1], encoding="utf-8") as file:
    for stream in json.load(file):
        for reader_name, reader in READERS[stream["media"]].items():
            check(reader_name, reader, stream)
