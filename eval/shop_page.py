"""A shop's own page on another origin, under a strict policy, with the panel in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A shop</title>
<body><h1>A shop</h1><p>Things to buy.</p>"""
PANEL = """<script src="{service}/live-assistant.js"></script>
<live-assistant room="demo" locale="zh"></live-assistant><script src="/page.js"></script>"""
SCRIPT = """
window.said = [];
window.assistant = document.querySelector("live-assistant");
for (const type of ["ready", "unread", "correction", "open", "close", "productclick"]) {
  assistant.addEventListener(type, (event) => {
    said.push([type, event.detail, performance.now()]);
  });
}
assistant.token = async () => window.token ?? null;
assistant.handle("addToCart", async (product) => said.push(["cart", product.id]) > 0);
assistant.handle("productClick", () => {});
"""


@contextmanager
def shop_page(service: str = "") -> Iterator[str]:
    """Serves the page; its address, on the site localhost where the service's is 127.0.0.1.

    At /plain it is the same page without the panel; at /?URL the panel is that service's.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, given = self.path.partition("?")
            at = given or service
            texts = {
                "/": ("text/html", HEAD + PANEL.format(service=at)),
                "/plain": ("text/html", HEAD),
                "/page.js": ("text/javascript", SCRIPT),
            }
            kind, text = texts.get(path, ("text/plain", ""))
            policy = f"default-src 'none'; script-src 'self' {at}; frame-src {at}"
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

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
