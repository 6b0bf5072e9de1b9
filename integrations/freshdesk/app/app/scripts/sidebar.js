// The sidebar of a ticket: our page in a frame, as high as it wants to be, writing into the reply.

import { begin, report } from "./desk.js";

const iframe = document.querySelector("iframe");

const acts = (client) => ({
  resize(height) {
    iframe.style.height = `${height}px`;
    client.instance.resize({ height: `${height}px` }).catch(report);
  },

  // Into the reply being written; where none is open, one is opened with it.
  insert: (html) =>
    client.interface
      .trigger("setValue", { id: "editor", text: html, replace: false, position: "end" })
      .catch(() => client.interface.trigger("click", { id: "openReply", text: html })),
});

begin("sidebar", iframe, acts).catch((error) => {
  report(error);
  document.getElementById("problem").hidden = false;
});
