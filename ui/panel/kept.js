// What the panel remembers. A frame whose storage is blocked forgets when it closes, and works.

/**
 * @param {"localStorage" | "sessionStorage"} name
 */
function storage(name) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  try {
    const real = window[name];
    real.setItem("liveshop.test", "1");
    real.removeItem("liveshop.test");
    return {
      /** @param {string} key @returns {string | null} */
      get: (key) => real.getItem(`liveshop.${key}`),
      /** @param {string} key @param {string} value */
      set: (key, value) => {
        try {
          real.setItem(`liveshop.${key}`, value);
        } catch {
          // full: what does not fit is not remembered
        }
      },
      /** @param {string} key */
      drop: (key) => real.removeItem(`liveshop.${key}`),
    };
  } catch {
    return {
      /** @param {string} key @returns {string | null} */
      get: (key) => memory.get(key) ?? null,
      /** @param {string} key @param {string} value */
      set: (key, value) => void memory.set(key, value),
      /** @param {string} key */
      drop: (key) => void memory.delete(key),
    };
  }
}

/** For as long as the browser likes: who the viewer is, and their choices. */
export const always = storage("localStorage");
/** For this tab: the conversation. */
export const here = storage("sessionStorage");

/** A random id. `crypto.randomUUID` needs a secure context, which a shop's test page may not be. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Who is asking: whom a token names, else an id of this browser's own.
 * @param {string | null} token a viewer's token (a JWT), read and not checked: the service does that
 */
export function viewerOf(token) {
  if (token) {
    try {
      const claims = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
      const bytes = Uint8Array.from(atob(claims), (c) => c.charCodeAt(0));
      const { sub } = JSON.parse(new TextDecoder().decode(bytes));
      if (typeof sub === "string" && sub) return sub;
    } catch {
      // none that we can read; the service says what it thinks of it
    }
  }
  const known = always.get("viewer");
  if (known) return known;
  const made = newId();
  always.set("viewer", made);
  return made;
}
