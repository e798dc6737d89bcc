// The panel's side of the conversation with the page that holds it: JSON-RPC 2.0 over postMessage.
//
// The page is believed for being the parent window at the one origin that the panel's address
// names; the service's frame-ancestors sees to it that only allowed origins can be parents.

const TIMEOUT_MS = 15_000;

/** @typedef {(params: any) => unknown} Method */

export class Bridge {
  /**
   * @param {Window | null} parent null where the panel stands alone
   * @param {string} origin
   */
  constructor(parent, origin) {
    this.parent = parent;
    this.origin = origin;
    /** @type {Record<string, Method>} */
    this.methods = {};
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    this.next = 1;
    if (parent) addEventListener("message", (event) => this.hear(event));
  }

  /** Whether there is a page to speak to. */
  get held() {
    return this.parent !== null;
  }

  /** @param {unknown} message */
  post(message) {
    this.parent?.postMessage(message, this.origin);
  }

  /**
   * Tells the page something; no answer is expected.
   * @param {string} method
   * @param {Record<string, unknown>} [params]
   */
  tell(method, params = {}) {
    this.post({ jsonrpc: "2.0", method, params });
  }

  /**
   * Asks the page. Rejects with its error, or when it does not answer within TIMEOUT_MS.
   * @param {string} method
   * @param {Record<string, unknown>} [params]
   * @returns {Promise<any>}
   */
  ask(method, params = {}) {
    if (!this.parent) return Promise.reject(new Error("no page holds this panel"));
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      setTimeout(() => {
        if (this.waiting.delete(id)) reject(new Error(`${method}: the page did not answer`));
      }, TIMEOUT_MS);
      this.post({ jsonrpc: "2.0", id, method, params });
    });
  }

  /** @param {MessageEvent} event */
  async hear(event) {
    const said = event.data;
    if (event.source !== this.parent || event.origin !== this.origin) return;
    if (typeof said !== "object" || said === null || said.jsonrpc !== "2.0") return;
    if (typeof said.method !== "string") {
      const asked = this.waiting.get(said.id);
      if (!asked) return;
      this.waiting.delete(said.id);
      if (said.error) asked.reject(new Error(String(said.error.message)));
      else asked.resolve(said.result);
      return;
    }
    const answer = await this.answer(said);
    if (said.id !== undefined) this.post({ jsonrpc: "2.0", id: said.id, ...answer });
  }

  /** @param {{method: string, params?: any}} said */
  async answer({ method, params }) {
    const known = Object.hasOwn(this.methods, method) ? this.methods[method] : null;
    if (!known) return { error: { code: -32601, message: `no method ${method}` } };
    try {
      return { result: (await known(params ?? {})) ?? null };
    } catch (error) {
      return { error: { code: -32000, message: error instanceof Error ? error.message : "failed" } };
    }
  }
}
