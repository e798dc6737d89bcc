// The service's HTTP routes as the pages use them.

import { events } from "./sse.js";

const SLOWEST_RETRY_MS = 30_000;
const SILENT_MS = 40_000; // the feed says that it lives every 15 s

/** What the service refused: its status, its own words, and seconds to wait where it says so. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {number} [retryAfter]
   */
  constructor(status, detail, retryAfter = 0) {
    super(detail);
    this.name = "Refused";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** @typedef {"connecting" | "open" | "waiting"} Link */

/** The routes of one service, with a bearer token where there is one. */
export class Api {
  /**
   * @param {string} [base] origin of the service, "" for this page's own
   * @param {() => (string | null)} [token] asked before each request
   * @param {() => Promise<string | null>} [renew] asked once where a token is refused
   */
  constructor(base = "", token = () => null, renew = async () => null) {
    this.base = base;
    this.token = token;
    this.renew = renew;
  }

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<Response>} a response that is no error; throws Refused for others
   */
  async fetch(path, init = {}) {
    let answer = await this.send(path, init, this.token());
    if (answer.status === 401) {
      const token = await this.renew().catch(() => null);
      if (token) answer = await this.send(path, init, token);
    }
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    const seconds = Number(answer.headers.get("Retry-After")) || 0;
    throw new Refused(answer.status, problem.detail || answer.statusText, seconds);
  }

  /** @param {string} path @param {RequestInit} init @param {string | null} token */
  send(path, init, token) {
    const headers = new Headers(init.headers);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    return fetch(this.base + path, { ...init, headers, credentials: "same-origin" });
  }

  /**
   * A JSON answer. `body` is sent as JSON where it is given.
   * @param {string} path
   * @param {{method?: string, body?: unknown, headers?: Record<string, string>,
   *          signal?: AbortSignal}} [how]
   * @returns {Promise<any>} null for an answer without a body
   */
  async json(path, { method, body, headers, signal } = {}) {
    const answer = await this.fetch(path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
    return answer.status === 204 ? null : answer.json();
  }

  /**
   * The parts of one reply as they come: the AI SDK's UI message stream.
   * @param {string} room
   * @param {Record<string, unknown>} request as POST .../chat takes it
   * @param {AbortSignal} [signal] stops the turn
   * @returns {AsyncGenerator<any>}
   */
  async *chat(room, request, signal) {
    const answer = await this.fetch(`/api/v1/rooms/${encodeURIComponent(room)}/chat`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(request),
      signal,
    });
    if (!answer.body) return;
    for await (const { data } of events(answer.body)) {
      if (data !== "[DONE]") yield JSON.parse(data);
    }
  }

  /**
   * A room's feed for as long as `signal` allows. It comes back by itself after a break, with
   * Last-Event-ID, so that no item is missed and none is seen twice.
   * @param {string} room
   * @param {object} how
   * @param {string} [how.from] id of the last item that was seen before
   * @param {Record<string, string>} [how.query]
   * @param {(kind: string, data: any, id: string) => void} how.item
   * @param {(link: Link) => void} [how.link] told how the connection stands
   * @param {AbortSignal} how.signal
   * @returns {Promise<void>} settled once `signal` has ended it; rejects with Refused where the
   *   service refuses for good (4xx other than 429)
   */
  async follow(room, { from = "", query = {}, item, link = () => {}, signal }) {
    const path = `/api/v1/rooms/${encodeURIComponent(room)}/feed`;
    let last = from;
    let tries = 0;
    while (!signal.aborted) {
      const own = new AbortController();
      const stop = () => own.abort();
      signal.addEventListener("abort", stop, { once: true });
      let alive = setTimeout(stop, SILENT_MS);
      let wait = 0;
      try {
        link("connecting");
        const asked = new URLSearchParams(last ? omit(query, "recent") : query);
        const answer = await this.fetch(`${path}?${asked}`, {
          headers: { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) },
          signal: own.signal,
          cache: "no-store",
        });
        if (!answer.body) throw new TypeError("a feed without a body");
        link("open");
        const heard = new TransformStream({
          transform(chunk, controller) {
            clearTimeout(alive);
            alive = setTimeout(stop, SILENT_MS);
            controller.enqueue(chunk);
          },
        });
        for await (const { event, data, id } of events(answer.body.pipeThrough(heard))) {
          tries = 0;
          if (id) last = id;
          item(event, JSON.parse(data), id);
        }
      } catch (error) {
        if (error instanceof Refused) {
          if (error.status < 500 && error.status !== 429) throw error;
          wait = 1000 * error.retryAfter;
        }
      } finally {
        clearTimeout(alive);
        signal.removeEventListener("abort", stop);
        own.abort();
      }
      if (signal.aborted) return;
      link("waiting");
      tries += 1;
      // Spread out, so that a restart of the service is not met by everybody at once.
      const back = Math.min(SLOWEST_RETRY_MS, 500 * 2 ** Math.min(tries, 6));
      await pause(Math.max(wait, back * (0.5 + Math.random() / 2)), signal);
    }
  }
}

/**
 * Waits, until the time is over, `signal` ends it, or the machine is online again.
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
function pause(milliseconds, signal) {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      done(undefined);
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

/**
 * @param {Record<string, string>} from
 * @param {string} name
 */
function omit(from, name) {
  const { [name]: _, ...others } = from;
  return others;
}
