"""Scripts in a shop's texts and in a question are shown as texts; the full list: eval safety."""

from __future__ import annotations

import json

from playwright.sync_api import Browser, expect

from eval.safety_xss import FOREIGN, payloads, shop
from tests.running_demo import Demo

SOME = ("<img src=x onerror={run}>", "${{run}}", "<iframe srcdoc=", "javascript:{run}", "[x](java")


def test_what_looks_like_a_script_is_shown_as_it_is_written(
    service: Demo, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    ran: list[str] = []
    context.expose_binding("pwn", lambda _, mark="": ran.append(mark))
    page = context.new_page()
    chosen = [next(line for line in payloads() if line.startswith(start)) for start in SOME]
    try:
        for number, payload in enumerate(chosen):
            shown = payload.replace("{run}", f"pwn({number})")
            product = json.dumps(next(shop(shown, number)))
            service.http.post("/api/v1/catalog/import", content=product.encode())
            on_air = {"product_id": f"xss-{number}"}
            service.http.put("/api/v1/rooms/quiet/on-air", json=on_air).raise_for_status()
            page.goto(f"{service.http.base_url}/panel?room=quiet&locale=en")
            expect(page.locator(".air .card")).to_contain_text(f"No{number}")
            page.locator("#box").fill(shown)
            page.locator("#box").press("Enter")
            expect(page.get_by_text(shown).first).to_be_visible()
            assert page.evaluate(FOREIGN) == []
    finally:
        context.close()
    assert ran == []
