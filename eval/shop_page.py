"""A shop's own page on another origin, under a strict policy, with the panel in it."""

# It can click the panel open by itself and say how long that took: a browser that is driven from
# outside stops at each new frame until its driver has seen to it, which nobody's viewer waits for.

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<body><main><h1>A shop</h1><p>Things to buy.</p></main>"""
PANEL = """<script src="{service}/live-assistant.js"></script>
<live-assistant room="demo" locale="zh"></live-assistant><script src="/page.js"></script>"""
SCRIPT = """
window.said = [];
window.assistant = document.querySelector("live-assistant");
const TYPES = ["ready", "resize", "unread", "correction", "open", "close", "productclick",
               "addtocart"];
for (const type of TYPES) {
  assistant.addEventListener(type, (event) => {
    said.push([type, event.detail, performance.now()]);
    document.body.dataset.said = said.map(([one]) => one).join(" ");
  });
}
assistant.token = async () => window.token ?? null;
assistant.handle("addToCart", async (product) => said.push(["cart", product.id]) > 0);
assistant.handle("productClick", () => {});
"""

CLICK = """
addEventListener("load", () => setTimeout(() => {
  const at = performance.now();
  assistant.addEventListener("ready", () => {
    fetch("/took", { method: "POST", body: performance.now() - at });
  });
  assistant.shadowRoot.querySelector("button:not(.grip)").click();
}, 2500));
"""


@contextmanager
def shop_page(service: str = "", took: Queue[float] | None = None) -> Iterator[str]:
    """Serves the page; its address, on the site localhost where the service's is 127.0.0.1.

    At /plain it is the same page without the panel; at /?URL the panel is that service's. At
    /clicked?URL the page opens it when all is still, and puts the milliseconds from the click to
    the panel that answers into `took`.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, given = self.path.partition("?")
            at = given or service
            panel = HEAD + PANEL.format(service=at)
            texts = {
                "/": ("text/html", panel),
                "/clicked": ("text/html", f'{panel}<script src="/click.js"></script>'),
                "/click.js": ("text/javascript", CLICK),
                "/plain": ("text/html", HEAD),
                "/page.js": ("text/javascript", SCRIPT),
            }
            kind, text = texts.get(path, ("text/plain", ""))
            policy = (
                f"default-src 'none'; script-src 'self' {at}; frame-src {at}; connect-src 'self'"
            )
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(204)
            self.end_headers()
            if took is not None:
                took.put(float(text))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
