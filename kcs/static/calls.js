// Calls to our server. A page within a desk's frame has no cookie: its bearer token is kept here, in memory, and goes along.

let token = "";
let language = "";

// From now on every call carries this token, and asks for answers in this language.
export function carry(given, spoken = "") {
  token = given;
  language = spoken;
}

export const isCarried = () => token !== "";

export function headers(others = {}) {
  if (!token) return others;
  const own = { ...others, Authorization: `Bearer ${token}` };
  if (language) own["Accept-Language"] = language;
  return own;
}

export function call(url, options = {}) {
  return fetch(url, { ...options, headers: headers(options.headers) });
}

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  Object.assign(ctx.request.headers, headers());
});
