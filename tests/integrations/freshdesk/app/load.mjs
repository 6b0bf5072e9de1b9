// Loads the app's files as the platform does, without its kit: modules by themselves, the server's file with what it is given.

import { readFileSync } from "node:fs";

const APP = new URL("../../../../integrations/freshdesk/app/", import.meta.url);

export const read = (path) => readFileSync(new URL(path, APP), "utf8");

export const module = (path) => import(`data:text/javascript;base64,${Buffer.from(read(path)).toString("base64")}`);

// What server.js exports, with a platform that calls `invoke`, and what it wrote into its log.
export function server(invoke) {
  const log = [];
  const platform = { $request: { invokeTemplate: invoke }, console: { error: (line) => log.push(line) } };
  const run = new Function("$request", "console", `let exports; ${read("server/server.js")}; return exports;`);
  return { log, ...run(platform.$request, platform.console) };
}

// A clock that goes on only when it is told to: what waits is done in its order. `end` brings the real one back.
export function clock() {
  const real = { setTimeout, setInterval, clearTimeout, clearInterval };
  const waiting = new Map();
  let [now, last] = [0, 0];
  const wait = (every) => (act, ms) => (waiting.set((last += 1), { act, at: now + ms, every: every ? ms : 0 }), last);
  const forget = (id) => void waiting.delete(id);
  Object.assign(globalThis, { setTimeout: wait(false), setInterval: wait(true), clearTimeout: forget, clearInterval: forget });
  return {
    tick(ms) {
      const until = now + ms;
      for (;;) {
        const [id, next] = [...waiting].sort(([, one], [, other]) => one.at - other.at)[0] ?? [];
        if (!next || next.at > until) break;
        now = next.at;
        if (next.every) waiting.set(id, { ...next, at: now + next.every });
        else waiting.delete(id);
        next.act();
      }
      now = until;
    },
    end: () => Object.assign(globalThis, real),
  };
}
