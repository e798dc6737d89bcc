// What the panel remembers. A frame whose storage is blocked forgets when it closes, and works.

const MOST_KEPT = 60;

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

/**
 * The conversation of a room as this tab remembers it, empty where it does not.
 * @param {string} room
 * @returns {{id: string, last: string, messages: import("./messages.js").Message[]}}
 */
export function keptTalk(room) {
  try {
    const { id, last, messages } = JSON.parse(here.get(`talk.${room}`) ?? "");
    if (typeof id === "string" && Array.isArray(messages)) return { id, last, messages };
  } catch {
    // nothing is kept
  }
  return { id: "", last: "", messages: [] };
}

/**
 * Remembers what has been said to its end, the last messages of it.
 * @param {string} room
 * @param {{id: string, last: string, messages: import("./messages.js").Message[]}} talk
 */
export function keepTalk(room, { id, last, messages }) {
  const done = messages.filter((one) => one.state !== "waiting" && one.state !== "writing");
  here.set(`talk.${room}`, JSON.stringify({ id, last, messages: done.slice(-MOST_KEPT) }));
}

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
