"""Words written by their sound: 优会 for 优惠, baoyou ma for 包邮吗."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORDS = """
多少钱 价格 价钱 怎么卖 包邮 运费 邮费 发货 快递 物流 到货 几天 什么时候 有货 现货
库存 补货 链接 小黄车 购物车 优惠 优惠券 打折 折扣 活动 便宜 满减 赠品 秒杀 抽奖
福袋 退货 退款 换货 运费险 保修 质保 售后 发票 分期 花呗 货到付款 颜色 尺码 尺寸
大小 材质 面料 质量 正品 产地 牌子 品牌 保质期 生产日期 日期 成分 口味 味道 容量
重量 续航 充电 快充 蓝牙 防水 机洗 手洗 干洗 掉色 缩水 起球 透气 保暖 保温 偏大
偏小 显瘦 孕妇 宝宝 敏感肌 过敏 适合 试穿 礼盒 安装 说明书 怎么买 怎么用 怎么洗
怎么样 有没有 可以 什么 怎么 多久 主播 推荐 区别 拼单 限购 价保 下单 回放 几点
直播 顺丰 新疆 会员 学生 原价 券后
"""
_MEANT = {
    "ma": "吗", "a": "啊", "ya": "呀", "ne": "呢", "ba": "吧", "me": "么", "de": "的", "le": "了",
    "zhege": "这个", "zhe": "这", "ge": "个", "you": "有", "mei": "没", "meiyou": "没有",
    "neng": "能", "bu": "不", "zai": "在", "na": "哪", "nali": "哪里", "shi": "是", "yao": "要",
    "dou": "都", "hai": "还", "haiyou": "还有", "zhubo": "主播",
}  # fmt: skip
_LATIN = re.compile(r"[a-z]+(?: [a-z]+)*")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
_LOOSE = [("zh", "z"), ("ch", "c"), ("sh", "s")]
_LONGEST, _SHORTEST = 4, 2


@lru_cache(maxsize=1)
def _readings() -> dict[int, str]:
    # The character table alone: the dictionary of phrases costs half a second and is not needed.
    from pypinyin.constants import PINYIN_DICT

    return dict(PINYIN_DICT)


@lru_cache(maxsize=8192)
def syllable(char: str) -> str:
    """The first reading of a Chinese character without its tone; the character where it has none.

    Readings: pypinyin (MIT).
    """
    reading = _readings().get(ord(char), char).split(",")[0]
    letters = unicodedata.normalize("NFD", reading)
    return "".join(c for c in letters if not unicodedata.combining(c))


@lru_cache(maxsize=8192)
def _sound(char: str) -> str:
    said = syllable(char)
    for exact, loose in _LOOSE:
        said = said.replace(exact, loose)
    return said


def sound(text: str) -> tuple[str, ...]:
    """The syllables of a Chinese text as they are often confused: zh as z, ch as c, sh as s."""
    return tuple(map(_sound, text))


@lru_cache(maxsize=1)
def _by_sound() -> dict[tuple[str, ...], str]:
    return {sound(word): word for word in _WORDS.split()}


@lru_cache(maxsize=1)
def _by_letters() -> dict[str, str]:
    spelled = {"".join(map(syllable, word)): word for word in _WORDS.split()}
    return {**_MEANT, **spelled}


def respelled(text: str, strange: list[tuple[int, int]]) -> str:
    """`text` with words of a shop in place of others of the same sound.

    Only words that reach into `strange`, the spans that nothing explains, are replaced.
    """
    words = _by_sound()
    said = list(text)
    for run in _HAN_RUN.finditer(text):
        at = run.start()
        while at < run.end() - 1:
            for length in range(min(_LONGEST, run.end() - at), _SHORTEST - 1, -1):
                piece = text[at : at + length]
                word = words.get(sound(piece))
                odd = any(start < at + length and at < end for start, end in strange)
                if word is not None and word != piece and odd:
                    said[at : at + length] = word
                    at += length - 1
                    break
            at += 1
    return "".join(said)


def latin_pinyin_words(text: str) -> str:
    """`text` with the Chinese words that its Latin letters spell in full: baoyou ma."""
    return _LATIN.sub(lambda m: _spelled(m[0]) or m[0], text)


@lru_cache(maxsize=4096)
def _spelled(run: str) -> str:
    """The Chinese words that the whole of `run` spells; else ''."""
    letters = run.replace(" ", "")
    if not 4 <= len(letters) <= 40:
        return ""
    table = _by_letters()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 16), end):
            before, word = best[start], table.get(letters[start:end])
            if before is not None and word is not None:
                whole = (*before, word)
                if best[end] is None or len(whole) < len(best[end] or ()):
                    best[end] = whole
    words = best[-1]
    return "".join(words) if words and any(len(word) > 1 for word in words) else ""
