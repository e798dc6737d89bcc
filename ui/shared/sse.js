// Server-sent events over fetch: unlike EventSource it sends headers, so that a token stays out
// of addresses. The form: https://html.spec.whatwg.org/multipage/server-sent-events.html

/**
 * @typedef {object} Said
 * @property {string} event "message" where the stream names none
 * @property {string} data
 * @property {string} id of the last event that had one
 */

/**
 * The events of a response as they come. Ends with the stream; rejects when it breaks.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<Said>}
 */
export async function* events(body) {
  /** @type {ReadableWritablePair<string, any>} */
  const decoder = new TextDecoderStream();
  const reader = body.pipeThrough(decoder).getReader();
  let rest = "";
  let id = "";
  let event = "";
  /** @type {string[]} */
  let data = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (data.length) yield { event: event || "message", data: data.join("\n"), id };
          event = "";
          data = [];
          continue;
        }
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
        if (field === "data") data.push(text);
        else if (field === "event") event = text;
        else if (field === "id") id = text;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
