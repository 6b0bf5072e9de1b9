// Calls to our server. A page within a desk's frame has no cookie: its bearer token is kept here, in memory, and goes along.

let token = "";
let language = "";

// From now on every call carries this token.
export function carry(given) {
  token = given;
}

// From now on every call asks for answers in this language.
export function speak(spoken) {
  language = spoken;
}

export const isCarried = () => token !== "";

export function headers(others = {}) {
  if (!token) return others;
  const own = { ...others, Authorization: `Bearer ${token}` };
  if (language) own["Accept-Language"] = language;
  return own;
}

export async function call(url, options = {}) {
  const used = token;
  const answer = await fetch(url, { ...options, headers: headers(options.headers) });
  if (answer.status === 401) over(used);
  return answer;
}

// Says that the session is over, unless another one has begun meanwhile.
function over(used) {
  if (used && used === token) document.dispatchEvent(new CustomEvent("kcs:signed-out"));
}

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  Object.assign(ctx.request.headers, headers());
});
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status === 401) over(String(ctx.request.headers.Authorization ?? "").slice("Bearer ".length));
});
