r"""Personal data and secrets in what people write, Chinese and English, recognised and masked.

What is masked stays out of records, prompts and logs. `\b` does not work beside Chinese
characters, so that every pattern looks at its neighbours itself. Rather one number too many than
one too few: a number of a shop's own in this form, such as an order's, is masked too.
"""

from __future__ import annotations

import logging
import re
from typing import Any

MASK = "[***]"
D = "[0-9０-９]"
GAP = r"[ \-.·－—_]?"
HAN = "[\u4e00-\u9fff]"
NUMERAL = "[零〇一二三四五六七八九幺]"
# Nothing below can match a text without one of these; most comments have none.
_LIKELY = re.compile(
    rf"{D}{GAP}{D}|{NUMERAL}{{11}}|[@＠]|[路街道巷村区]|eyJ|[A-Za-z0-9_-]{{12}}|bearer|"
    r"微信|薇信|v信|vx|wx|wechat|weixin|qq|whatsapp|telegram|我叫|姓名|收[件货]人|name\s+is",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    "|".join(
        (
            # Secrets: keys of ours and of others, web tokens, what follows Bearer.
            r"lsk_[0-9a-f]{12}_[\w-]+",
            r"eyJ[\w-]{8,}\.[\w-]*\.[\w-]*",
            r"(?<![A-Za-z0-9])(?:sk|pk|rk|gh[opsu]|glpat|xox[abp])[-_][A-Za-z0-9_-]{16,}",
            r"(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9])",
            r"(?i:bearer\s+)[\w.~+/-]{8,}=*",
            r"(?i:password|passwd|api[_ ]?key|secret|密码|口令)\s*[:：=是]\s*\S{4,80}",
            r"[A-Za-z0-9_.+%-]{1,64}\s?[@＠]\s?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+",
            # A resident identity number (GB 11643), a bank card, a passport.
            rf"(?<!{D})[1-9１-９]{D}{{5}}{GAP}(?:19|20|１９|２０){D}{{2}}{GAP}{D}{{4}}{GAP}{D}{{3}}[0-9０-９Xx]"
            rf"(?!{D})",
            rf"(?<!{D}){D}{{4}}(?:[ -]?{D}{{4}}){{3}}(?:[ -]?{D}{{1,3}})?(?!{D})",
            rf"(?<!{D}){D}{{15,19}}(?!{D})",
            r"(?i:护照|passport)\D{0,12}[A-Za-z]{0,2}\d{7,9}(?!\d)",
            # Telephones: a mobile one, a landline, one with its country, North America's.
            rf"(?<!{D})(?:[+＋]?(?:00)?86{GAP})?[1１]{GAP}[3-9３-９](?:{GAP}{D}){{9}}(?!{D})",
            rf"(?<!{NUMERAL})[一幺][三四五六七八九]{NUMERAL}{{9}}(?!{NUMERAL})",
            r"(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)",
            r"[+＋]\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,5}(?!\d)",
            r"(?<!\d)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)",
            r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)",
            # Accounts, where a word says that one follows.
            r"(?i:微信|薇信|v信|vx|wx|wechat|weixin|whatsapp|telegram|qq)(?i:号码?|id)?\s*(?i:is)?\s*"
            r"[:：是]?\s*[A-Za-z0-9][A-Za-z0-9_-]{4,24}",
            # Where somebody lives; a name, where a word says that one follows.
            rf"(?:{HAN}{{1,8}}(?:省|自治区|市|区|县|镇|乡)){{1,4}}[\u4e00-\u9fffA-Za-z0-9]{{0,16}}?"
            rf"(?:路|街|大道|道|巷|弄|胡同|村|小区|花园|苑|大厦|广场){HAN}{{0,6}}[A-Za-z0-9０-９一二三四五六七八九十百\-]{{0,8}}"
            r"(?:号|栋|幢|座|单元|室|楼|层|弄)?(?:[A-Za-z0-9０-９\-]{1,6}(?:号楼|号|栋|幢|座|单元|室|楼|层)?){0,4}",
            rf"{HAN}{{1,6}}(?:路|街|大道|巷|弄|胡同){D}{{1,5}}(?:号|弄)(?:{D}{{1,5}}(?:号楼|号|栋|幢|座|单元|室|楼|层)?){{0,4}}",
            r"(?<!\d)\d{1,5} (?:[NSEW]\.? )?(?:[A-Z][a-z]+ ){1,3}"
            r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl)"
            r"(?![a-z])\.?(?:,? (?:Apt|Apartment|Suite|Unit|Flat|#) ?\w+)?",
            rf"(?:(?:收[件货]人|姓名)\s*[:：是]|我叫|名字叫)\s*{HAN}{{2,4}}",
            r"(?i:my (?:full )?name is )[A-Z][a-z]+(?: [A-Z][a-z]+)*",
        )
    )
)


def masked(text: str) -> str:
    """`text` with what is personal or secret replaced by MASK; the same text where nothing is."""
    return _PERSONAL.sub(MASK, text) if _LIKELY.search(text) else text


def masked_in(value: Any) -> Any:
    """A JSON value with every text in it masked; keys stay."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: masked_in(one) for key, one in value.items()}
    if isinstance(value, list):
        return [masked_in(one) for one in value]
    return value


class MaskedLines(logging.Formatter):
    """Formats log records, tracebacks included, and masks what came out."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
