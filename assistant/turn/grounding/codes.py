"""Links, SKUs and coupon codes: only a record's own, of the product that is spoken of."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.turn.grounding.mentions import variants_named
from assistant.turn.grounding.said import Said
from assistant.turn.grounding.wordings import plain

LINK = re.compile(
    r"https?:|\b(?:javascript|vbscript|file|ftp|mailto|tel|sms|blob|weixin|alipays?|taobao|intent)\s?:|"
    r"\bdata:\s?\w+/|www\.|://|\b[\w-]+\.(?:com|cn|net|org|shop|io|co|me|ly|top|xyz|vip|store|app|link|"
    r"info"
    r"|cc|tk|ru|example)\b|\bdot\s?(?:com|cn|net|shop)\b|点\s?(?:com|cn|康姆)|@\s?\w+|\w+@|"
    r"(?<![\w/])/[a-z0-9]+/[\w/-]+"
)
_URL_END = re.compile(r"[\w/?#&=%-]|\.\w")
_SKU = re.compile(
    r"(?:货号|型号|款号|编码|商品编号|\bsku\b|item (?:number|no\.?)|model (?:number|no\.?)|"
    r"look for)"
    r"[^a-z0-9]{0,4}(?:(?:of|for) [^a-z0-9]*)?(?:is|是|"
    r"为)?[^a-z0-9]{0,4}(?P<sku>[a-z0-9][a-z0-9./_-]+)|"
    r"(?<![a-z0-9])(?P<named>[a-z0-9]+-[a-z0-9./_-]+)\s*(?:这个|那个|的|这)?\s*(?:货号|型号|款号|编码)"
)
_COUPON = re.compile(
    r"(?:优惠码|优惠券|券码|口令|暗号|\b(?:promo|discount|coupon|voucher)?\s*code|\bcoupon|"
    r"\bvoucher)"
    r"\s*(?:是|为|is|:|：|“|\"|')*\s*(?P<code>[a-z0-9][a-z0-9_-]{2,})"
)
_WORDS_NO_CODE = (
    "and for you can now from that this with are was has takes gives code codes off lets saves "
    "the will works needed required applies your our"
)
_NO_CODE = frozenset(_WORDS_NO_CODE.split())  # fmt: skip


def unlinked(said: Said) -> Said:
    """The sentence without the own addresses of the products it speaks of."""
    text = said.text
    for product in said.spoken_of:
        url = plain(product.url)
        at = text.find(url) if url else -1
        while at >= 0:
            end = at + len(url)
            if not _URL_END.match(text[end:]):
                text = text[:at] + " " * len(url) + text[end:]
            at = text.find(url, end)
    return said if text == said.text else replace(said, text=text)


def foreign_code(said: Said) -> bool:
    """Whether a SKU is not one of the variants meant, or a coupon code is of no running offer."""
    for match in _SKU.finditer(said.bare):
        sku = (match["sku"] or match["named"]).strip("./-")
        if not all(sku in _skus(said, n) for n in range(len(said.spoken_of))):
            return True
    named = {match["code"] for match in _COUPON.finditer(said.bare)} - _NO_CODE
    if not named:
        return False
    return not named <= {
        o.code.lower() for p in said.products for o in said.evidence.running(p) if o.code
    }


def _skus(said: Said, at: int) -> set[str]:
    product = said.spoken_of[at]
    meant = variants_named(said.bare, product) or said.evidence.variants(product)
    return {plain(v.sku) for v in meant if v.sku} | {plain(product.id)}
