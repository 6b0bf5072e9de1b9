// Where our page is, from what an administrator entered.

const NAME = /^[a-z0-9][a-z0-9._-]*$/i;
const NEAR = ["localhost", "127.0.0.1"];

// The address of the page that the panel is in. Throws for what is no server or no connection. Plain http is taken for this
// machine alone, to try the app out.
export function addressOf({ server, connection }) {
  const given = String(server ?? "").trim();
  const url = new URL(given.includes("://") ? given : `https://${given}`);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && NEAR.includes(url.hostname))) throw new Error(`no https address: ${given}`);
  if (!NAME.test(connection ?? "")) throw new Error(`no name of a connection: ${connection}`);
  return `${url.origin}/embed/${encodeURIComponent(connection)}`;
}
