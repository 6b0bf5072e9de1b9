// What the app's events tell our server: the ticket, the changes that count, who acted. Nothing here ever throws.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { read, server } from "./load.mjs";

const manifest = JSON.parse(read("manifest.json"));
const { events } = manifest.modules.support_ticket;
const sample = (event) => JSON.parse(read(`server/test_data/${event}.json`));
const requests = JSON.parse(read("config/requests.json"));
const settings = JSON.parse(read("config/iparams.json"));

async function forwarded(payload, event = "onTicketUpdate") {
  const sent = [];
  const made = server(async (name, { body }) => void sent.push([name, JSON.parse(body)]));
  await made[events[event].handler](payload);
  assert.ok(sent.length <= 1);
  return sent[0]?.[1];
}

test("every event has its handler, its sample, and a template that exists", async () => {
  const made = server(async () => {});
  for (const [event, { handler }] of Object.entries(events)) {
    assert.equal(typeof made[handler], "function", event);
    assert.equal((await forwarded(sample(event), event)).ticket_id, 4711, event);
    assert.equal((await forwarded(sample(event), event)).event, event);
  }
  assert.deepEqual(Object.keys(manifest.modules.common.requests), Object.keys(requests));
});

test("an update is told with its changes and who made it, and nothing of the customer", async () => {
  assert.deepEqual(await forwarded(sample("onTicketUpdate")), JSON.parse(readFileSync(new URL("forwarded.json", import.meta.url), "utf8")));
});

test("the secret goes in a header, from a setting that nobody can read", () => {
  const { schema } = requests.forwardEvent;
  assert.deepEqual([schema.headers["X-KCS-Secret"], schema.host, schema.path, schema.protocol], ["<%= iparam.secret %>", "<%= iparam.server %>", "/webhooks/<%= iparam.connection %>", "https"]);
  assert.deepEqual(Object.entries(settings).filter(([, each]) => each.secure).map(([name]) => name), ["secret"]);
});

test("the shapes that were seen are taken alike", async () => {
  const ticket = { id: "4711", changes: { status: ["Open", "Closed"] } };
  const rows = [
    [{ account_id: "90210", timestamp: 1790000000.25, data: { ticket } }, ["90210", "4711", 1790000000250]],
    [{ account_id: 1, timestamp: "1790000000000", data: { ticket } }, [1, "4711", 1790000000000]],
    [{ account_id: 1, timestamp: "2026-09-21T14:13:20Z", data: { ticket } }, [1, "4711", 1790000000000]],
    [{ data: { ticket } }, [null, "4711", null]],
    [{ timestamp: "soon", data: { ticket } }, [null, "4711", null]],
  ];
  for (const [payload, expected] of rows) {
    const told = await forwarded(payload);
    assert.deepEqual([told.account_id, told.ticket_id, told.timestamp], expected);
    assert.deepEqual([told.changes, told.actor], [{ status: ["Open", "Closed"] }, null]);
  }
});

test("changes that are none are left out", async () => {
  const changes = { status: 4, priority: [1], group_id: [1, { id: 2 }], type: [null, "Question"], subject: ["a", "b"], description: ["a", "b"] };
  assert.deepEqual((await forwarded({ data: { ticket: { id: 1, changes } } })).changes, { type: [null, "Question"] });
  for (const odd of [null, [], "status", 7]) assert.deepEqual((await forwarded({ data: { ticket: { id: 1, changes: odd } } })).changes, {});
});

test("without a ticket nothing is sent", async () => {
  for (const odd of [undefined, null, 7, "x", [], {}, { data: null }, { data: [] }, { data: { ticket: null } }, { data: { ticket: { id: {} } } }]) {
    assert.equal(await forwarded(odd), undefined, JSON.stringify(odd));
  }
});

test("a server that does not answer is no error of the app; the log says so without the secret or the words", async () => {
  for (const reason of [{ status: 401, response: "secret" }, new Error("network"), undefined, null]) {
    const made = server(() => Promise.reject(reason));
    await made.onTicketUpdateHandler(sample("onTicketUpdate"));
    assert.equal(made.log.length, 1);
    assert.ok(!/Ana|secret|Export/.test(made.log[0]), made.log[0]);
  }
});
