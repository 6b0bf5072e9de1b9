// The platform's kit as an app sees it: `app.initialized()` gives a client that asks the page around the app.

const asked = new Map();
const heard = new Map();

function ask(message) {
  const id = Math.random().toString(36);
  return new Promise((resolve, reject) => {
    asked.set(id, { resolve, reject });
    window.parent.postMessage({ id, ...message }, "*");
  });
}

window.addEventListener("message", ({ source, data }) => {
  if (source !== window.parent || !data?.kit) return;
  if (data.event) return happened(data);
  const { resolve, reject } = asked.get(data.id) ?? {};
  asked.delete(data.id);
  if (data.error) reject?.(new Error(data.error));
  else resolve?.(data.result);
});

function happened({ event: type, settles, data }) {
  const say = (how, words) => window.parent.postMessage({ settles, how, words }, "*");
  const helper = { done: () => say("done"), fail: (words) => say("fail", words), getData: () => data };
  heard.get(type)?.forEach((act) => act({ type, helper }));
}

window.app = {
  initialized: async () => ({
    data: { get: (name) => ask({ act: "get", name }) },
    iparams: { get: () => ask({ act: "iparams" }) },
    instance: { resize: (options) => ask({ act: "resize", ...options }) },
    interface: { trigger: (name, options) => ask({ act: "trigger", name, options }) },
    events: {
      on(name, act, options = {}) {
        heard.set(name, [...(heard.get(name) ?? []), act]);
        ask({ act: "on", name, intercept: options.intercept === true });
        if (name === "app.activated") setTimeout(() => act({ type: name }));
      },
    },
  }),
};
