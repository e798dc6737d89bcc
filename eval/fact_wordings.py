"""How viewers ask for price and stock, written by hand, by what is asked and language."""

from __future__ import annotations

Wordings = dict[tuple[str, str], tuple[str, ...]]

ASKED: Wordings = {
    ("price", "zh"): (
        "{name}多少钱？",
        "{name}怎么卖的",
        "请问{name}现在什么价",
        "{name}价格",
        "想买{name}，要多少钱",
        "主播，{name}卖多少",
    ),
    ("price", "en"): (
        "How much is the {name}?",
        "what's the price of {name}",
        "{name} price?",
        "how much does the {name} cost",
        "Hi, price for {name} please",
        "How much are you asking for {name} right now?",
    ),
    ("stock", "zh"): (
        "{name}还有货吗？",
        "{name}有货没",
        "请问{name}还有吗",
        "{name}还剩几件",
        "{name}卖完了吗",
        "{name}库存还有多少",
    ),
    ("stock", "en"): (
        "Is the {name} in stock?",
        "{name} still available?",
        "do you have any {name} left",
        "how many {name} are left?",
        "is {name} sold out?",
        "any stock of {name}?",
    ),
}
ON_AIR: Wordings = {
    ("price", "zh"): (
        "这款多少钱",
        "这个怎么卖",
        "现在讲的这件什么价",
        "正在介绍的这个多少钱？",
        "这款现在什么价格",
    ),
    ("price", "en"): (
        "how much is this one?",
        "price of this?",
        "What does the one on screen cost?",
        "how much for the item you're showing",
        "this one how much",
    ),
    ("stock", "zh"): (
        "这款还有货吗",
        "这个还有吗？",
        "这款还剩多少件",
        "正在讲的这个卖完没",
        "这个有现货吗",
    ),
    ("stock", "en"): (
        "is this one in stock?",
        "is this still available",
        "how many of this one are left?",
        "Is the one you're showing sold out?",
        "any of this left?",
    ),
}
VARIANT: Wordings = {
    ("price", "zh"): (
        "{name}{options}的多少钱",
        "{name} {options} 什么价",
        "{options}的{name}怎么卖",
    ),
    ("price", "en"): (
        "how much is the {name} in {options}?",
        "{name} {options} price?",
        "price of {name}, {options}",
    ),
    ("stock", "zh"): (
        "{name}{options}的还有货吗",
        "{name} {options} 还有吗",
        "{options}的{name}还剩几件",
    ),
    ("stock", "en"): (
        "is the {name} in {options} in stock?",
        "{name} {options} still available?",
        "any {name}, {options} left?",
    ),
}
