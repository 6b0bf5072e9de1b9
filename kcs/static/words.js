// What scripts say, in the page's language. The page loads words/<language>.js before any script where it is not English.

const words = globalThis.kcsWords ?? {};

// Values go in by name: gettext("Saved as version %(number)s.", { number }).
export function gettext(text, values = {}) {
  return (words[text] ?? text).replace(/%\((\w+)\)s/g, (_whole, name) => values[name]);
}
