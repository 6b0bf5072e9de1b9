// What happens when somebody solves a ticket: every event is settled once, and nothing keeps a ticket open because of us.

import assert from "node:assert/strict";
import { test } from "node:test";
import { module } from "./load.mjs";

const { decide, HELD, isSolved, newStatus } = await module("app/scripts/closing.js");
const [CLOSE, UPDATE, SEND] = Object.keys(HELD);
const LIMIT = 60;
const REFUSE = { act: "refuse", said: "Link an article first." };
const never = () => new Promise(() => {});

function happening(data) {
  const settled = [];
  return { settled, helper: { done: () => settled.push("done"), fail: (words) => settled.push(words), getData: () => data } };
}

function desk(answer, others = {}) {
  const noted = { asked: [], kept: [] };
  return {
    ...noted,
    last: () => "7",
    ticket: async () => 7,
    ask: async (question) => (noted.asked.push(question), typeof answer === "function" ? answer() : answer),
    passed: (save) => noted.kept.push(save),
    ...others,
  };
}

const reasonFrom = (reason) => () => Promise.reject(Object.assign(new Error("no"), { reason }));

test("the events are the four that may be held back, less deleting", () => {
  assert.deepEqual([CLOSE, UPDATE, SEND], ["ticket.closeTicketClick", "ticket.propertiesUpdated", "ticket.sendReply"]);
});

test("resolved and closed are solved, by number and by name; a status of the account's own never is", () => {
  for (const status of [4, 5, "4", "5", "Resolved", " closed "]) assert.equal(isSolved(status), true, `${status}`);
  for (const status of [2, 3, 6, 7, "45", "Open", "", null, undefined, {}, NaN]) assert.equal(isSolved(status), false, `${status}`);
});

test("the new status is found wherever it is written", () => {
  const rows = [
    [{ changedAttributes: { status: [2, 4] } }, 4],
    [{ changedAttributes: { status: { old: 2, new: 5 } } }, 5],
    [{ changes: { status: ["Open", "Closed"] } }, "Closed"],
    [{ ticket: { status: 4 } }, 4],
    [{ ticket: { changes: { status: [2, 4] }, status: 2 } }, 4],
    [{ status: { id: 5, label: "Closed" } }, 5],
    [{ status: "4" }, "4"],
    [{ changedAttributes: { priority: [1, 2] } }, undefined],
    [{}, undefined],
    [null, undefined],
    ["4", undefined],
    [[4], undefined],
  ];
  for (const [data, status] of rows) assert.equal(newStatus(data), status, JSON.stringify(data));
});

test("what solves nothing goes on without asking", async () => {
  for (const [name, data] of [[UPDATE, { changedAttributes: { status: [4, 2] } }], [UPDATE, {}], [UPDATE, undefined], [SEND, { body: "Hello" }]]) {
    const [event, at] = [happening(data), desk(REFUSE)];
    await decide(name, event, at, LIMIT);
    assert.deepEqual([event.settled, at.asked, at.kept], [["done"], [], []]);
  }
});

test("what solves is asked about, and done as the server says", async () => {
  const solving = [[CLOSE, {}], [CLOSE, undefined], [UPDATE, { changedAttributes: { status: [2, 5] } }], [SEND, { status: 4 }]];
  for (const [name, data] of solving) {
    for (const [answer, settled] of [[{ act: "pass" }, "done"], [REFUSE, REFUSE.said]]) {
      const [event, at] = [happening(data), desk(answer)];
      await decide(name, event, at, LIMIT);
      assert.deepEqual([event.settled, at.kept], [[settled], []]);
      assert.equal(at.asked[0].ticket, "7");
      assert.ok(at.asked[0].left > 0 && at.asked[0].left <= LIMIT);
    }
  }
});

test("whatever else happens, the ticket is solved, and the reason is kept", async () => {
  const rows = [
    ["no answer in time", desk(never), "timeout"],
    ["an answer that comes too late", desk(() => new Promise((resolve) => setTimeout(resolve, 3 * LIMIT, REFUSE))), "timeout"],
    ["the desk does not say which ticket", desk(REFUSE, { ticket: never }), "timeout"],
    ["our page is not there", desk(reasonFrom("unreachable")), "unreachable"],
    ["an error of any kind", desk(() => { throw new TypeError("no"); }), "unexpected"],
    ["the desk has an error", desk(REFUSE, { ticket: () => Promise.reject(new Error("no")) }), "unexpected"],
    ["nothing", desk(undefined), "unexpected"],
    ["another word", desk({ act: "stop", said: "No." }), "unexpected"],
    ["a refusal without words", desk({ act: "refuse", said: "  " }), "unexpected"],
    ["a refusal with no text", desk({ act: "refuse", said: { toString: () => "No." } }), "unexpected"],
  ];
  for (const [what, at, reason] of rows) {
    const [event, began] = [happening({}), Date.now()];
    await Promise.race([decide(CLOSE, event, at, LIMIT), new Promise((resolve) => setTimeout(resolve, 4 * LIMIT))]);
    assert.ok(Date.now() - began < 10 * LIMIT, what);
    assert.deepEqual(event.settled, ["done"], what);
    assert.deepEqual(at.kept.map((save) => [save.ticket, save.reason]), [["7", reason]], what);
    assert.ok(!Number.isNaN(Date.parse(at.kept[0].at)), what);
  }
});

test("an event without data, or with data that cannot be read, is settled all the same", async () => {
  for (const getData of [undefined, () => { throw new Error("none"); }]) {
    const event = happening({});
    event.helper.getData = getData;
    await decide(CLOSE, event, desk(REFUSE), LIMIT);
    assert.deepEqual(event.settled, [REFUSE.said]);
  }
});

test("an unknown event goes on", async () => {
  const event = happening({});
  await decide("ticket.beforeClose", event, desk(REFUSE), LIMIT);
  assert.deepEqual(event.settled, ["done"]);
});

test("words that are too long are cut", async () => {
  const event = happening({});
  await decide(CLOSE, event, desk({ act: "refuse", said: "x".repeat(5000) }), LIMIT);
  assert.equal(event.settled[0].length, 500);
});
