"""What is said of stock, as patterns over plain text. The scorers' own, not the service's."""

from __future__ import annotations

import re

SOLD_OUT = re.compile(
    r"没有?(?:现|存)?货|无(?:现)?货|缺货|断货|(?<!没)(?<!没有)(?:售罄|卖完|卖光|抢光|抢完)|已?下架|买不到|不可购买|没有库存|无库存"
    r"|库存(?:数量)?(?:为|是|:)?\s*0(?!\d|\.)|还?剩(?:余|下)?\s*0(?!\d)"
    r"|(?<!not\s)(?:out[\s-]of[\s-]stock|sold[\s-]out)|unavailable|(?:not|isn't|aren't)\s+(?:currently\s+)?available"
    r"|(?:not|no longer|isn't|aren't)\s+(?:currently\s+)?in\s+stock|no\s+stock|none\s+left"
    r"|(?<!\d)0\s+(?:left|in\s+stock|available)",
    re.I,
)
UNSAID = re.compile(
    r"(?:not|isn't|aren't)\s+(?:tracked|known|recorded)\s+in\s+stock|库存没有登记|没有登记库存",
    re.I,
)
IN_STOCK = re.compile(
    r"有(?:现)?货|现货|有库存|库存(?:充足|紧张|\D{0,4}\d)|还?剩|(?:仅|只)剩|还有\s*\d|可以?(?:下单|购买)"
    r"|in\s+stock|available|\d\s*(?:pieces?\s+|units?\s+|items?\s+)?(?:left|remaining)",
    re.I,
)
_PIECES = "件|个|台|套|份|只|条|双|瓶|盒|包|把|张|支|床|块|本|顶|口|部"
LEFT = re.compile(
    rf"(?:库存|剩余?|剩下|现货)[^\d。,]{{0,6}}(\d+)(?![\d.]*\s*(?:天|小时|分|元|块|折|%))"
    rf"|(?:还|只|仅)?有\s*(\d+)\s*(?:{_PIECES})"
    rf"|(\d+)\s*(?:{_PIECES})\s*(?:现货|库存|有货|可(?:售|买|拍))"
    r"|(\d+)\s*(?:pieces?|units?|items?|pcs|of\s+(?:them|these))?\s*"
    r"(?:left|(?:are\s+|is\s+)?in\s+stock|(?:are\s+|is\s+)?available|remain(?:ing)?)"
    r"|\bstock\s*(?:is|of|:)\s*(\d+)",
    re.I,
)
