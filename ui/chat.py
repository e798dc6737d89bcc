"""The chat page: a Gradio application over the service's HTTP routes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from importlib.resources import files
from typing import Any
from uuid import uuid4

import gradio as gr
import httpx

from ui import cards
from ui.service import Service
from ui.wording import EXAMPLES, LOCALES, WORDS, Locale

UI = files("ui")
# The colours and measures of our other pages, and no rule of theirs for an element.
TOKENS = (UI / "shared" / "tokens.css").read_text(encoding="utf-8").partition("\n}\n")[0] + "\n}\n"
CSS = TOKENS + (UI / "chat.css").read_text(encoding="utf-8")
# No state of our files is named: what is loaded is checked with the service each time.
HEAD = '<script type="module" src="/ui/000000000000/chat_page/live.js"></script>'
# The machine's own fonts: nothing is fetched from elsewhere, and Chinese looks native.
THEME = gr.themes.Default(
    primary_hue="pink",
    neutral_hue="slate",
    font=("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"),
    font_mono=("ui-monospace", "monospace"),
)
History = list[dict[str, Any]]
REFRESH_S = 5.0


def build(service_url: str, locale: Locale = "zh") -> gr.Blocks:
    """The page for the service at `service_url`, starting in `locale`."""
    service = Service(service_url)
    words = WORDS[locale]
    page: gr.Blocks
    with gr.Blocks(title="liveshop", analytics_enabled=False) as page:
        conversation = gr.State(lambda: uuid4().hex)
        replies = gr.State(dict[int, str]())
        title = gr.HTML(_heading(locale))
        with gr.Row(elem_classes="ls-choices"):
            room = gr.Dropdown([], label=words["room"], scale=1, min_width=120)
            language = gr.Radio(
                list(LOCALES), value=_name(locale), label=words["language"], scale=0, min_width=190
            )
        on_air = gr.HTML(cards.on_air(None, locale))
        chat = gr.Chatbot(
            [_said(words["hello"], locale)],
            show_label=False,
            height="max(300px, calc(100dvh - 460px))",
            buttons=["copy"],
            allow_tags=False,
            layout="bubble",
        )
        with gr.Row(elem_classes="ls-examples"):
            examples = [
                gr.Button(text, size="sm", variant="secondary") for text in EXAMPLES[locale]
            ]
        with gr.Row(elem_classes="ls-ask"):
            box = gr.Textbox(
                placeholder=words["ask"],
                show_label=False,
                container=False,
                scale=1,
                max_length=2000,
            )
            send = gr.Button(words["send"], variant="primary", scale=0, min_width=88)
            stop = gr.Button(words["stop"], scale=0, min_width=72, visible=False)

        async def opened() -> Any:
            rooms = await service.rooms()
            names = [(_room_name(r, locale), r["id"]) for r in rooms]
            first = next((r["id"] for r in rooms if r["on_air"]), rooms[0]["id"] if rooms else None)
            return gr.update(choices=names, value=first)

        async def refresh(room_id: str | None, chosen: str) -> str:
            card = await service.on_air(room_id, LOCALES[chosen]) if room_id else None
            return cards.on_air(card, LOCALES[chosen], room_id or "")

        async def follow(room_id: str | None, chosen: str) -> tuple[Any, Any]:
            """What is on air; the room first, where the service could not name one before."""
            if not room_id:
                return await opened(), gr.skip()
            return gr.skip(), await refresh(room_id, chosen)

        async def ask(
            text: str,
            history: History,
            room_id: str,
            chosen: str,
            conversation_id: str,
            known: dict[int, str],
        ) -> AsyncGenerator[tuple[Any, ...]]:
            if not text.strip():
                yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()
                return
            history = [*history, {"role": "user", "content": text.strip()}]
            yield "", history, known, gr.update(visible=False), gr.update(visible=True)
            at = len(history)
            async for html, reply_id in _reply(
                service, room_id, text.strip(), conversation_id, LOCALES[chosen]
            ):
                known = known | {at: reply_id}
                now = [*history, {"role": "assistant", "content": html}]
                yield "", now, known, gr.update(visible=False), gr.update(visible=True)
            yield gr.skip(), gr.skip(), known, gr.update(visible=True), gr.update(visible=False)

        async def judge(
            data: gr.LikeData, room_id: str, chosen: str, known: dict[int, str]
        ) -> None:
            index = data.index[0] if isinstance(data.index, tuple | list) else data.index
            reply_id = known.get(index)
            if reply_id:
                await service.feedback(room_id, reply_id, bool(data.liked))
                gr.Info(WORDS[LOCALES[chosen]]["thanks"], duration=2)

        async def speak(chosen: str, room_id: str | None, history: History) -> list[Any]:
            to: Locale = LOCALES[chosen]
            said = WORDS[to]
            rooms = await service.rooms()
            return [
                gr.update(value=_heading(to)),
                gr.update(
                    label=said["room"], choices=[(_room_name(r, to), r["id"]) for r in rooms]
                ),
                gr.update(label=said["language"]),
                gr.update(placeholder=said["ask"]),
                gr.update(value=said["send"]),
                gr.update(value=said["stop"]),
                await refresh(room_id, chosen),
                [_said(said["hello"], to)] if len(history) < 2 else gr.skip(),
                *[gr.update(value=text) for text in EXAMPLES[to]],
            ]

        asking: dict[str, Any] = {
            "fn": ask,
            "inputs": [box, chat, room, language, conversation, replies],
            "outputs": [box, chat, replies, send, stop],
            "concurrency_limit": None,
            "api_visibility": "private",
            "show_progress": "hidden",
        }
        quiet: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "hidden",
            "concurrency_limit": None,
        }
        running: list[Any] = [box.submit(**asking), send.click(**asking)]
        running += [
            button.click(**asking | {"inputs": [button, *asking["inputs"][1:]]})
            for button in examples
        ]
        stop.click(
            lambda: (gr.update(visible=True), gr.update(visible=False)),
            None,
            [send, stop],
            cancels=running,
            api_visibility="private",
        )
        chat.like(judge, [room, language, replies], None, **quiet)
        language.change(
            speak,
            [language, room, chat],
            [title, room, language, box, send, stop, on_air, chat, *examples],
            **quiet,
        )
        page.load(opened, None, room, **quiet)
        room.change(refresh, [room, language], on_air, **quiet)
        gr.Timer(REFRESH_S).tick(follow, [room, language], [room, on_air], **quiet)
    return page


async def _reply(
    service: Service, room: str, text: str, conversation_id: str, locale: Locale
) -> AsyncGenerator[tuple[str, str]]:
    """The reply's HTML as it grows, with its id ('' until it is known)."""
    words, said, reply_id = WORDS[locale], "", ""
    shown: list[dict[str, Any]] = []
    notices: list[str] = []
    yield cards.message(words["thinking"], [], [], locale), ""
    try:
        async for part in service.ask(room, text, conversation_id, locale):
            match part["type"]:
                case "start":
                    reply_id = part["messageId"]
                case "text-delta":
                    said += part["delta"]
                case "data-product":
                    shown.append(part["data"])
                case "data-notice":
                    notices.append(part["data"]["text"])
                case "refused":
                    said = words["off"] if part["status"] == 409 else words["refused"]
                case "error":
                    said += words["lost"]
            yield cards.message(said, shown, notices, locale), reply_id
    except httpx.HTTPError:
        yield cards.message(said + words["lost"], shown, notices, locale), reply_id


def _said(text: str, locale: Locale) -> gr.MessageDict:
    return {"role": "assistant", "content": cards.message(text, [], [], locale)}


def _heading(locale: Locale) -> str:
    return f'<div class="ls-head"><h1>{WORDS[locale]["title"]}</h1></div>'


def _name(locale: Locale) -> str:
    return next(name for name, code in LOCALES.items() if code == locale)


def _room_name(room: dict[str, Any], locale: Locale) -> str:
    title = room["title"].get(locale) or room["title"].get("en") or room["title"].get("zh")
    return str(title or room["id"])
