// The page's end of its conversation with the panel: JSON-RPC 2.0 over postMessage, with the
// panel's window at the service's origin and with no other.

/** Thrown by what answers, where it knows no such method. */
export const UNKNOWN = {};

export class Wire {
  #origin;
  #panel;
  #answer;
  #began;
  /** @type {{method: string}[]} */
  #queue = [];
  ready = false;

  /**
   * @param {string} origin of the service
   * @param {() => (Window | null | undefined)} panel its window, where it is there
   * @param {(method: string, params: any) => unknown} answer to what the panel asks
   * @param {() => void} began told when the panel is ready
   */
  constructor(origin, panel, answer, began) {
    this.#origin = origin;
    this.#panel = panel;
    this.#answer = answer;
    this.#began = began;
  }

  /** Tells the panel something, at once or when it is ready. @param {string} method @param {any} params */
  tell(method, params) {
    const message = { jsonrpc: "2.0", method, params };
    if (this.ready) this.#post(message);
    else this.#queue.push(message);
  }

  /** @param {unknown} message */
  #post(message) {
    this.#panel()?.postMessage(message, this.#origin);
  }

  /** @param {MessageEvent} event */
  hear = async ({ source, origin, data }) => {
    if (!source || source !== this.#panel() || origin !== this.#origin) return;
    if (data?.jsonrpc !== "2.0" || typeof data.method !== "string") return;
    const { id, method, params } = data;
    const begins = method === "ready";
    // What was told before is in what it is given now, all but questions.
    if (begins) this.#queue = this.#queue.filter((one) => one.method === "ask");
    let answer;
    try {
      answer = { result: (await this.#answer(method, params)) ?? null };
    } catch (error) {
      answer = { error: error === UNKNOWN ? { code: -32601, message: `no method ${method}` }
                                          : { code: -32000, message: String(error) } };
    }
    if (id !== undefined) this.#post({ jsonrpc: "2.0", id, ...answer });
    if (!begins) return;
    this.ready = true;
    for (const message of this.#queue.splice(0)) this.#post(message);
    this.#began();
  };
}
