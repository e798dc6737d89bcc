"""Draws the pictures of the demo shop: python -m assistant.demo_shop.draw

Each product has a shape from shapes.svg and two colours; the rest of its palette, and the
background, are mixed from these.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"


class Look(NamedTuple):
    """How a product is drawn: `motif` names what fills the {p} of its shape."""

    shape: str
    main: str
    accent: str
    motif: str = ""


LOOKS = {
    "pangdun-500": Look("mug", "#f3e7d3", "#d9a673"),
    "pangdun-750": Look("mug-tall", "#5f8a74", "#e9dcc3"),
    "pangdun-2-500": Look("mug-loop", "#f6ecdc", "#7fa3bd"),
    "straw-tumbler": Look("tumbler", "#e8a798", "#fbf1e6"),
    "kids-bottle": Look("whale-bottle", "#6fb3d9", "#f7cf6b"),
    "glass-duo": Look("glass-pair", "#b5764a", "#e8b04f"),
    "french-press": Look("french-press", "#6b4430", "#c58f5c"),
    "lunchbox-4": Look("lunchbox", "#8fbf9f", "#f7efdf"),
    "frying-pan": Look("pan", "#6f7f86", "#c58f5c"),
    "enamel-pot": Look("pot", "#d9583f", "#e2b667"),
    "santoku-knife": Look("knife", "#b98556", "#86b96b"),
    "board-duo": Look("board", "#dcbf94", "#ee8a4a"),
    "rice-bowls": Look("bowls", "#4f79b3", "#b5764a"),
    "kettle-15": Look("kettle", "#e9e4da", "#c9b79a"),
    "folding-colander": Look("colander", "#f0a35e", "#8cbf6a"),
    "wool-quilt": Look("quilt", "#d9c3a0", "#b98f5f", "sheep"),
    "fine-wool-quilt": Look("quilt", "#c9cfe0", "#7f8bb0", "sheep"),
    "summer-quilt": Look("quilt", "#a8d3b8", "#6aa583", "breeze"),
    "sateen-set": Look("bed", "#9fb4cc", "#a98a6c"),
    "washed-set": Look("bed", "#b9c58f", "#b48a62", "check"),
    "latex-pillow": Look("pillow", "#f6ecd6", "#8fb8cf", "holes"),
    "buckwheat-pillow": Look("pillow", "#c9b08c", "#7a5c3e", "hulls"),
    "bath-towel": Look("towel", "#cfd8d6", "#8fb0aa"),
    "mattress-protector": Look("mattress", "#cfdfe9", "#7db4d8"),
    "touch-lamp": Look("lamp", "#f6cf7f", "#b98556"),
    "flannel-throw": Look("throw", "#c9756b", "#f0d9c0"),
    "storage-box": Look("storage", "#b7b09c", "#8fb0c9"),
    "cedar-candle": Look("candle", "#8a9f84", "#6b8a63"),
    "heavy-tee": Look("tee", "#f6f3ec", "#93b0c6", "pocket"),
    "light-tee": Look("tee", "#7fb8cf", "#f2d48a", "sun"),
    "zip-hoodie": Look("hoodie", "#a9adb3", "#eeb98a"),
    "down-vest": Look("vest", "#6f86a8", "#f0b45f"),
    "sun-jacket": Look("jacket", "#c6b5e0", "#a68fd0"),
    "straight-jeans": Look("jeans", "#5d7fa8", "#e3b661"),
    "wool-scarf": Look("scarf", "#c89b66", "#f2e3c6"),
    "crew-socks": Look("socks", "#7fa38a", "#e7a86b"),
    "modal-briefs": Look("briefs", "#e9bfb8", "#d98f8c"),
    "yunbu-1": Look("shoe", "#a9b4bd", "#6f8fb0"),
    "yunbu-2": Look("shoe", "#f08a5d", "#3f5d8a", "reflex"),
    "commute-backpack": Look("backpack", "#5f7180", "#e0b35f"),
    "canvas-tote": Look("tote", "#ecdfc4", "#7f9a5f"),
    "cabin-case": Look("suitcase", "#6fa7a3", "#f0c368"),
    "air-2": Look("earbuds", "#e9edf1", "#7fd19b"),
    "air-2-pro": Look("earbuds-pro", "#4b5563", "#8fd0c9"),
    "h7-headphones": Look("headphones", "#55607a", "#e6c9a3"),
    "cube-speaker": Look("speaker", "#ee9250", "#fbe3c4"),
    "power-10k": Look("powerbank", "#8fb6dd", "#f3c95e"),
    "power-20k": Look("powerbank-big", "#5b6b8f", "#f3c95e"),
    "charger-65": Look("charger", "#e8eaee", "#8fb6dd"),
    "charger-30": Look("charger-mini", "#f6efe2", "#e0b35f"),
    "usbc-cable": Look("cable", "#e07f63", "#f3e3c6"),
    "desk-stand": Look("stand", "#aab4bd", "#ee9250"),
    "car-mount": Look("car-mount", "#6b7684", "#f08a5d"),
    "phone-lanyard": Look("lanyard", "#d9b98a", "#8a6a44"),
    "k75-keyboard": Look("keyboard", "#8aa0b8", "#f2b45f"),
    "ring-light": Look("ring-light", "#e7a0b0", "#f7d97f"),
    "w1-band": Look("band", "#e9806e", "#7fe0b0"),
    "shea-hand-cream": Look("tube", "#f2dcae", "#b98a5a", "shea"),
    "shea-hand-trio": Look("tube-trio", "#f2dcae", "#c96f5f"),
    "amino-cleanser": Look("tube", "#a9d3e6", "#5f9fc0", "bubbles"),
    "ceramide-lotion": Look("pump", "#f4d9cf", "#e0aa98", "drop"),
    "rice-toner": Look("bottle", "#f1e9d9", "#c9a97a"),
    "hydra-mask": Look("mask", "#8fc9d9", "#e6f3f6"),
    "lip-glaze": Look("lip", "#c4574f", "#e8c9a8"),
    "ginger-shampoo": Look("pump", "#c98f4f", "#7a5230", "ginger"),
    "yuzu-body-wash": Look("pump", "#f3d877", "#7fa860", "yuzu"),
    "t3-toothbrush": Look("toothbrush", "#9fdcc8", "#5fb3d0"),
    "t3-heads": Look("brush-heads", "#6cc4ae", "#4f9fd0"),
    "quick-dryer": Look("dryer", "#d7a1b6", "#f3dfe6"),
    "face-towels": Look("tissue", "#b7d7c6", "#f0c368"),
    "daily-nuts-30": Look("pouch", "#d99a4e", "#7f5229", "nuts"),
    "daily-nuts-7": Look("pouch-small", "#e6b872", "#7f5229", "nuts"),
    "beef-jerky": Look("pouch", "#b5503f", "#f0c368", "beef"),
    "seaweed-rolls": Look("pouch-small", "#5f9a78", "#efd9a4", "seaweed"),
    "dried-mango": Look("pouch", "#f6c657", "#7fb35a", "mango"),
    "yolk-pastry": Look("pastry", "#e9bd78", "#d98f3a"),
    "konjac-strips": Look("pouch", "#e2644f", "#f7d97f", "konjac"),
    "spring-green-tea": Look("tin", "#8fb56f", "#5f8a4a", "leaf"),
    "jasmine-tea": Look("tin", "#e9e2b8", "#a7bf7f", "jasmine"),
    "osmanthus-oolong": Look("teabags", "#a9784a", "#f0b23f"),
    "cold-brew-coffee": Look("coffee", "#7a5038", "#e8c08a"),
    "oat-milk": Look("carton", "#f0e0bd", "#b98a4a"),
    "lotus-starch": Look("jar", "#d9a6b0", "#b5697a"),
    "dark-choc": Look("chocolate", "#5b3a2b", "#d9a25f"),
}


def mixed(one: str, other: str, share: float) -> str:
    """The colour with `share` of `other` in `one`; both #rrggbb."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _colourful(colour: str) -> int:
    parts = bytes.fromhex(colour[1:])
    return max(parts) - min(parts)


def picture(look: Look, shapes: dict[str, str]) -> str:
    """The SVG of one product, 400 by 400."""
    ground = max(look.main, look.accent, key=_colourful)
    palette = {
        "a": look.main,
        "b": mixed(look.main, "#2b2118", 0.16),
        "l": mixed(look.main, "#ffffff", 0.42),
        "c": look.accent,
        "d": mixed(look.accent, "#2b2118", 0.2),
        "s": mixed(mixed(ground, "#fff8ef", 0.5), "#3a2c20", 0.2),
        "w": "#fffdf8",
        "k": "#3b4048",
        "g": "#cfd5d9",
        "h": "#9aa4ab",
    }
    body = shapes[look.shape].replace("{p}", shapes[f"motif-{look.motif}"] if look.motif else "")
    body = re.sub(r"\{(\w)\}", lambda found: palette[found[1]], body)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">'
        f'<path fill="{mixed(ground, "#fff8ef", 0.7)}" d="M0 0h400v400H0z"/>'
        f'<circle cx="200" cy="200" r="172" fill="{mixed(ground, "#fffaf3", 0.52)}"/>'
        f"{body}</svg>\n"
    )


def pictures() -> dict[str, str]:
    """The SVG of every product, by product id."""
    drawn = (HERE / "shapes.svg").read_text(encoding="utf-8")
    found = re.findall(r'(?ms)^<g id="([\w-]+)">(.*?)</g>(?=\n<g id|\n</svg>)', drawn)
    shapes = {name: body.replace("\n", "") for name, body in found}
    return {product_id: picture(look, shapes) for product_id, look in LOOKS.items()}


if __name__ == "__main__":
    for product_id, svg in pictures().items():
        (PICTURES / f"{product_id}.svg").write_text(svg, encoding="utf-8")
