"""What the chat page says, in both languages."""

from __future__ import annotations

from typing import Literal

Locale = Literal["zh", "en"]
LOCALES: dict[str, Locale] = {"中文": "zh", "English": "en"}

WORDS: dict[Locale, dict[str, str]] = {
    "zh": {
        "title": "liveshop 直播间导购",
        "room": "直播间",
        "language": "语言",
        "ask": "价格、库存、怎么选，都可以问",
        "send": "发送",
        "stop": "停止",
        "on_air": "正在讲解",
        "nothing_on_air": "主播还没有开始讲解商品",
        "hello": "你好，我是 AI 导购助手。价格和库存都来自店铺的实时记录。",
        "refused": "现在问的人太多了，请稍后再试。",
        "off": "主播暂停了助手，稍后再来问吧。",
        "lost": "连接中断了，请再问一次。",
        "thanks": "谢谢反馈",
        "in_stock": "有货",
        "low_stock": "仅剩 {quantity} 件",
        "low_stock_unknown": "库存紧张",
        "list_price": "原价",
        "ai": "AI",
        "thinking": "正在查店铺记录…",
        "out_of_stock": "已售罄",
        "preorder": "可预订",
        "unknown": "库存见下单页",
        "number": "{number}号链接",
    },
    "en": {
        "title": "liveshop live-room assistant",
        "room": "Room",
        "language": "Language",
        "ask": "Ask anything about the items",
        "send": "Send",
        "stop": "Stop",
        "on_air": "On air",
        "nothing_on_air": "The host is not showing an item yet",
        "hello": "Hello, I am an AI shopping assistant. Prices and stock come from live records.",
        "refused": "Many people are asking right now; please try again shortly.",
        "off": "The host has paused the assistant; please come back later.",
        "lost": "The connection broke; please ask again.",
        "thanks": "Thanks for the feedback",
        "in_stock": "In stock",
        "low_stock": "Only {quantity} left",
        "low_stock_unknown": "Few left",
        "list_price": "List price",
        "ai": "AI",
        "thinking": "Looking into the shop's records…",
        "out_of_stock": "Sold out",
        "preorder": "Preorder",
        "unknown": "See checkout for stock",
        "number": "Item {number}",
    },
}

EXAMPLES: dict[Locale, tuple[str, ...]] = {
    "zh": (
        "这款多少钱？",
        "还有货吗？",
        "200元以内送妈妈推荐什么？",
        "能退货吗？",
        "3号链接有什么优惠？",
    ),
    "en": (
        "How much is this one?",
        "Is it in stock?",
        "A gift for my mum under 200 yuan?",
        "Can I return it?",
        "Any offer on item 3?",
    ),
}
