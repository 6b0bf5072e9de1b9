// The desk's side of the app framework's protocol, as its SDK (zendesk_app_framework_sdk, lib/client.js and lib/utils) meets it:
//   app to desk   JSON text. {key: "iframe.handshake"}; {key: "iframe.on:<event>", message: {subscriberCount}};
//                 {id, request: "get"|"set"|"invoke", params}; an object {key: "iframe.reply:<hook>", appGuid, error?: {msg}}
//   desk to app   {key: "zaf.app.registered", message: {metadata, context}}; {key: "zaf.<event>", message};
//                 {key: "zaf.<hook>", needsReply: true}; {id, result: {<path>: value, errors: {}}} or {id, error}
// A ticket is saved unless the app's reply holds an error, whose text is shown.

class Ticket {
  constructor(given, server) {
    Object.assign(this, { heard: new Set(), sizes: [], calls: [], saves: [], unanswered: null }, given);
    this.guid = `guid-${this.id}-${Math.random().toString(36).slice(2)}`;
    const part = document.querySelector("template").content.cloneNode(true).firstElementChild;
    [this.form, this.iframe] = [part.querySelector("form"), part.querySelector("iframe")];
    this.iframe.name = this.guid;
    document.body.append(part);
    [this.status, this.alert] = [part.querySelector("[role=status]"), part.querySelector("[role=alert]")];
    this.reply = part.querySelector(".comment");
    this.form.subject.value = this.subject;
    this.form.dataset.ticket = this.id;
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.save()));
    this.form.subject.addEventListener("input", () => this.tell("ticket.subject.changed", this.form.subject.value));
    this.reply.addEventListener("input", () => this.tell("comment.text.changed", this.reply.innerHTML));
    this.open(server);
  }

  // Zendesk opens a page of an app with signedUrls by a form's POST into the frame.
  async open(server) {
    const token = await (await fetch(`/token?user=${this.user}`)).text();
    const form = document.createElement("form");
    const query = new URLSearchParams({ origin: location.origin, app_guid: this.guid, colorScheme: this.theme });
    Object.assign(form, { method: "post", action: `${server}?${query}`, target: this.guid, hidden: true });
    const field = Object.assign(document.createElement("input"), { name: "token", value: token });
    form.append(field);
    document.body.append(form);
    form.submit();
    form.remove();
  }

  values() {
    return {
      "ticket.id": Number(this.id),
      "ticket.subject": this.form.subject.value,
      "ticket.description": this.comments[0],
      "ticket.comments": this.comments.map((value, at) => ({ id: String(at), value: `<p>${value}</p>`, author: {} })),
      "ticket.status": this.custom ? null : this.form.status.value,
      "ticket.customStatus": this.custom ? { id: 9, category: this.form.status.value } : null,
      "comment.text": this.reply.innerHTML,
      "comment.useRichText": this.rich,
      "currentUser.locale": this.locale,
    };
  }

  acts() {
    return {
      resize: ({ height }) => ((this.iframe.style.height = height), this.sizes.push(height)),
      "ticket.comment.appendHtml": (html) => (this.reply.innerHTML += html),
      "ticket.comment.appendText": (text) => this.reply.append(text),
    };
  }

  tell(name, message) {
    if (this.heard.has(name)) this.send({ key: `zaf.${name}`, message });
    if (this.heard.has("*.changed")) this.send({ key: "zaf.*.changed", message: { propertyName: name, newValue: message } });
  }

  send(message) {
    this.iframe.contentWindow.postMessage(JSON.stringify(message), new URL(SERVER).origin);
  }

  hear(data) {
    const said = typeof data === "string" ? JSON.parse(data) : data;
    if (said.appGuid !== this.guid) return;
    if (said.key === "iframe.handshake") this.register();
    else if (said.key?.startsWith("iframe.on:")) this.heard.add(said.key.slice("iframe.on:".length));
    else if (said.key === "iframe.reply:ticket.save") this.decided(said.error);
    else if (said.request === "get") this.send({ id: said.id, result: { ...this.picked(said.params), errors: {} } });
    else if (said.request === "invoke") this.invoked(said);
  }

  register() {
    if (this.isDeaf) return;
    const context = { instanceGuid: this.guid, product: "support", location: "ticket_sidebar", ticketId: Number(this.id) };
    this.send({ key: "zaf.app.registered", message: { metadata: { appId: 1, name: "kcs-engine", settings: {} }, context } });
  }

  picked(paths) {
    this.calls.push(...paths);
    return Object.fromEntries(paths.map((path) => [path, this.values()[path]]));
  }

  invoked({ id, params }) {
    const errors = {};
    const result = {};
    for (const [name, values] of Object.entries(params)) {
      const act = this.acts()[name];
      if (act) result[name] = act(...values) && undefined;
      else errors[name] = { message: `Could not find handler for: "${name}"` };
    }
    this.send({ id, result: { ...result, errors } });
  }

  save() {
    this.status.textContent = this.alert.textContent = "";
    if (!this.heard.has("ticket.save")) return this.decided();
    this.send({ key: "zaf.ticket.save", needsReply: true });
  }

  decided(error) {
    if (error) this.alert.textContent = typeof error.msg === "string" ? error.msg : "The app refused.";
    else {
      this.saves.push(this.form.status.value);
      this.status.textContent = `Saved as ${this.form.status.value}`;
    }
  }
}

window.addEventListener("message", ({ source, data }) => {
  window.tickets.find(({ iframe }) => iframe.contentWindow === source)?.hear(data);
});

fetch(`/tickets${location.search}`).then((answer) => answer.json()).then(({ server, tickets }) => {
  window.SERVER = server;
  window.tickets = [];
  tickets.forEach((each) => window.tickets.push(new Ticket(each, server)));
});
window.tickets = [];
