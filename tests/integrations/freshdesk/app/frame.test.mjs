// The messages between the app and our page: only our page is heard, and nothing goes to any other.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { clock, module } from "./load.mjs";

const { Frame } = await module("app/scripts/frame.js");
const { addressOf } = await module("app/scripts/address.js");
const OURS = "https://kcs.example.com";

function scene(acts = {}) {
  const sent = [];
  const page = { postMessage: (message, origin) => sent.push({ ...message, origin }) };
  const iframe = { contentWindow: page, src: "" };
  let hear;
  const frame = new Frame(iframe, `${OURS}/embed/acme`, acts, { addEventListener: (_name, act) => (hear = act) });
  const say = (data, { source = page, origin = OURS } = {}) => hear({ source, origin, data: { kcs: 1, ...data } });
  return { sent, iframe, frame, say, types: () => sent.map((each) => each.type) };
}

let time;
beforeEach(() => (time = clock()));
afterEach(() => time.end());

test("our page is loaded for the ticket, and greeted until it is ready", () => {
  const { iframe, frame, sent, say, types } = scene();
  frame.open({ ticket: "12/..", place: "sidebar" });
  assert.equal(iframe.src, `${OURS}/embed/acme?ticket=12%2F..`);
  time.tick(900);
  assert.deepEqual(types(), ["hello", "hello", "hello"]);
  assert.deepEqual(sent[0], { type: "hello", ticket: "12/..", place: "sidebar", kcs: 1, origin: OURS });
  say({ type: "ready" });
  time.tick(60_000);
  assert.equal(sent.length, 3);
});

test("a page that never comes is loaded again, and one that is there is told what is new", () => {
  const { iframe, frame, say, types } = scene();
  frame.open({ ticket: "12" });
  iframe.src = "";
  time.tick(45_000);
  assert.equal(iframe.src, `${OURS}/embed/acme?ticket=12`);
  say({ type: "ready" });
  frame.open({ ticket: "12", subject: "New" });
  assert.equal(types().at(-1), "ticket");
  frame.open({ ticket: "13" });
  assert.equal(iframe.src, `${OURS}/embed/acme?ticket=13`);
  assert.equal(frame.ticket, "13");
});

test("a question is answered by our page alone, by its number", async () => {
  const { frame, sent, say } = scene();
  frame.open({ ticket: "12" });
  say({ type: "ready" });
  const answer = frame.ask({ ticket: "12", left: 2000, at: "now" });
  const { id } = sent.at(-1);
  const refused = { type: "answer", id, act: "refuse", said: "No." };
  say(refused, { origin: "https://evil.example" });
  say(refused, { source: {} });
  say({ ...refused, kcs: 2 });
  say({ ...refused, id: 99 });
  say({ type: "answer", id, act: "pass" });
  assert.deepEqual(await answer, { act: "pass", said: undefined });
});

test("before our page is ready nobody is asked", async () => {
  const { frame } = scene();
  await assert.rejects(frame.ask({ ticket: "12", left: 2000 }), { reason: "unreachable" });
});

test("what passed unasked is told once our page is there, and once", () => {
  const { frame, sent, say, types } = scene();
  frame.open({ ticket: "12" });
  for (let number = 0; number < 25; number += 1) frame.passed({ ticket: `${number}`, reason: "timeout", at: "now" });
  assert.deepEqual(types(), []);
  say({ type: "ready" });
  say({ type: "ready" });
  assert.deepEqual(types(), ["passed"]);
  assert.deepEqual([sent[0].saves.length, sent[0].saves.at(-1).ticket], [20, "24"]);
});

test("our page writes into the reply, and is told where that did not work", async () => {
  const written = [];
  const { sent, say, frame } = scene({ insert: async (html) => (html === "bad" ? Promise.reject(new Error("no reply")) : written.push(html)) });
  frame.open({ ticket: "12" });
  say({ type: "insert", id: 1, html: "<b>x</b>", text: "x" });
  say({ type: "insert", id: 2, html: "bad" });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(written, ["<b>x</b>"]);
  assert.deepEqual(sent.map(({ type, id, error }) => [type, id, error?.message]), [["done", 1, undefined], ["done", 2, "no reply"]]);
});

test("heights are numbers, and other messages nobody's business", () => {
  const heights = [];
  const { say } = scene({ resize: (height) => heights.push(height) });
  for (const data of [{ type: "resize", height: 300 }, { type: "resize", height: "9px" }, { type: "resize" }, { type: "other" }, {}]) say(data);
  assert.deepEqual(heights, [300]);
});

test("the address is https, of a host and a connection; plain http is for this machine alone", () => {
  const rows = [
    ["kcs.example.com", `${OURS}/embed/acme`],
    [" https://kcs.example.com/ ", `${OURS}/embed/acme`],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080/embed/acme"],
  ];
  for (const [server, address] of rows) assert.equal(addressOf({ server, connection: "acme" }), address);
  for (const server of ["http://kcs.example.com", "javascript:alert(1)", "javascript://x", "", undefined]) assert.throws(() => addressOf({ server, connection: "acme" }), `${server}`);
  for (const connection of ["", undefined, "../x", "a/b", "a?b"]) assert.throws(() => addressOf({ server: "kcs.example.com", connection }), `${connection}`);
});
