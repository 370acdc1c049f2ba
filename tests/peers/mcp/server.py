"""An MCP server of the protocol's Python package. It prints its address and serves until its
standard input ends. The argument says how it speaks: "stream", "json", and "session" or
"stateless" for a server that knows only the revisions that begin with initialize."""

import asyncio
import json
import socket
import sys

import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.types import ToolAnnotations
from pydantic import BaseModel

SECRET = "Bearer hidden-token"


class Forecast(BaseModel):
    city: str
    degrees: int


class Name(BaseModel):
    name: str


server = MCPServer("weather")


@server.tool(title="Forecast", annotations=ToolAnnotations(readOnlyHint=True))
def forecast(city: str) -> Forecast:
    """Tomorrow's weather in a city"""
    return Forecast(city=city, degrees=21)


@server.tool(name="map.of")
def map_of(city: str) -> list:
    """A map of a city"""
    return [f"a map of {city}", Image(data=b"1234", format="png")]


@server.tool()
def fail() -> str:
    """Fails"""
    raise RuntimeError("the station is closed")


@server.tool()
async def slow(ctx: Context) -> str:
    """Reports its progress"""
    for i in range(3):
        await ctx.report_progress(i, 3)
    return "done"


@server.tool()
async def ask(ctx: Context) -> str:
    """Asks a person"""
    answer = await ctx.elicit("Who are you?", Name)
    return answer.action


class Guard:
    """Wants the secret header, and in an older server refuses what is new."""

    def __init__(self, app, old):
        self.app, self.old = app, old

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if headers.get("authorization") != SECRET:
            return await self.refuse(send, 401)
        if not self.old or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        if json.loads(body).get("method") == "server/discover" or headers.get("mcp-protocol-version", "") > "2026":
            return await self.refuse(send, 400)
        parts = [{"type": "http.request", "body": body, "more_body": False}]

        async def again():
            return parts.pop() if parts else await receive()

        return await self.app(scope, again, send)

    @staticmethod
    async def refuse(send, status):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"no"})


async def main():
    kind = sys.argv[1]
    app = Guard(server.streamable_http_app(json_response=kind == "json", stateless_http=kind == "stateless"), kind in ("session", "stateless"))
    listener = socket.create_server(("127.0.0.1", 0))
    web = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    serving = asyncio.create_task(web.serve(sockets=[listener]))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    web.force_exit = web.should_exit = True
    await serving


asyncio.run(main())
