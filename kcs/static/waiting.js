// Waiting, and what a page in a frame keeps for the next one there: browsers set it apart for each desk's own pages.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Returns what is kept under a name, null for nothing.
export const kept = (name) => within((place) => JSON.parse(place.getItem(name) ?? "null"));

// Keeps a value, or takes it away with null.
export function keep(name, value) {
  within((place) => (value === null ? place.removeItem(name) : place.setItem(name, JSON.stringify(value))));
}

function within(act) {
  try {
    return act(window.localStorage);
  } catch (error) {
    if (error instanceof DOMException || error instanceof SyntaxError) return null; // a frame without storage
    throw error;
  }
}
