import { expect, test } from "vitest";
import { ApiKeyLostError } from "../../src/index.ts";
import { client, rejection } from "../support/client.ts";
import { answer, hangUp, serve } from "../support/server.ts";

const made = { id: "k-1", name: "my-bot", created_at: "2026-11-24T10:00:00Z" };

test("get", async () => {
  const me = { id: "u", email: "demo@example.com", org_id: "o", balance: "12.345" };
  const server = await serve(answer(200, me));
  expect(await client(server.url, { apiKey: undefined, token: "a.b.c" }).me.get()).toEqual(me);
  expect(server.received[0]).toMatchObject({
    method: "GET",
    url: "/me",
    body: "",
    headers: { authorization: "Bearer a.b.c" },
  });
  expect(server.received[0]?.headers["content-type"]).toBeUndefined();
});

test("create and delete a key", async () => {
  const server = await serve(answer(201, { ...made, key: "af_live_x" }), answer(204, ""));
  const { apiKeys } = client(server.url).me;
  expect(await apiKeys.create({ name: "my-bot" })).toEqual({ ...made, key: "af_live_x" });
  expect(await apiKeys.delete("k-1")).toBeUndefined();
  expect(server.received.map((q) => [q.method, q.url, q.body])).toEqual([
    ["POST", "/me/api-keys", '{"name":"my-bot"}'],
    ["DELETE", "/me/api-keys/k-1", ""],
  ]);
  expect(await rejection(apiKeys.delete("."))).toBeInstanceOf(TypeError);
});

test("list a page of keys", async () => {
  const server = await serve(answer(200, [made]), answer(200, []));
  const { apiKeys } = client(server.url).me;
  const all = await apiKeys.list();
  expect(all).toEqual([made]);
  expect(all.response.status).toBe(200);
  expect(await apiKeys.list({ limit: 2, after: "k&1" })).toEqual([]);
  expect(server.received.map((q) => q.url)).toEqual(["/me/api-keys", "/me/api-keys?limit=2&after=k%261"]);
});

test("a lost secret is an ApiKeyLostError", async () => {
  const server = await serve(hangUp, answer(201, made, { "idempotency-replayed": "true" }));
  const error = await rejection(client(server.url).me.apiKeys.create({ name: "my-bot" }));
  expect(error).toBeInstanceOf(ApiKeyLostError);
  expect(error).toMatchObject({ id: "k-1" });
});
