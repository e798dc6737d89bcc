"""Words for stock, clause by clause, against the stock of what each clause speaks of."""

from __future__ import annotations

import re

from assistant.turn.grounding.mentions import named_in, variants_named
from assistant.turn.grounding.promise_words import UNSURE
from assistant.turn.grounding.said import Said, Verdict, replace
from retrieval.catalog import Availability, Product

SOLD_OUT = re.compile(
    r"售罄|卖[完光空]|售完|缺货|[没无断]货|没有(?:现)?货|没有库存|无库存|断码|抢[光完空]|没有了|"
    r"下架|"
    r"sold.?out|out of stock|unavailable|not (?:currently )?available|no longer available|"
    r"(?:none|nothing|0|zero) left|no stock|\bno\b[^,.;]{1,60}?\b(?:left|in stock|available|"
    r"remaining)\b|\bgone\b(?! well)|not in stock|isn't available|aren't available"
)
_NOT_OUT = re.compile(
    r"(?:没有?|不会|不|未|还没)(?:售罄|卖[完光空]|缺货|断货|下架|抢[光完])|"
    r"(?:\bnot|n't) (?:yet )?(?:sold.?out|out of stock|unavailable)"
)
IN_STOCK = re.compile(
    r"有货|有现货|现货|[有够]库存|库存(?:充足|充裕|足|多|很多|够)|货源充足|能买到|可以买到|"
    r"买得到|还有(?:[货现]|很多|不少)|在售|"
    r"\bin.stock\b|\bavailable (?:now|for|in the|today)|\bplenty\b|\b(?:is|are|'s|still|"
    r"currently) available\b|"
    r"\bwe have (?:the|it|them|this|these|those|\u25a1)|库存\S{0,2}还?有|ready to (?:ship|buy|"
    r"order)|well stocked|can (?:still )?(?:buy|order) (?:it|them|this)"
)
SCARCE = re.compile(
    r"[仅只]剩|最后\S{0,2}[件个双只盒]|库存(?:不多|紧张|告急|有限)|所剩不多|所剩无几|快(?:卖|售|"
    r"抢)[完光罄]|抓紧|手慢无|"
    r"手快有|数量有限|售完即止|卖完即止|即将售罄|货不多|先到先得|"
    r"low (?:in )?stock|(?:only )?(?:a )?few (?:left|remaining|pieces)|almost (?:gone|sold)|"
    r"couple (?:left|remaining)|running (?:low|out)|\bhurry\b|limited (?:stock|quantit|availab)|"
    r"selling (?:fast|out)|"
    r"going fast|"
    r"last (?:one|few|chance|pieces?|items?)|act (?:now|fast)|while (?:stocks|supplies) last|"
    r"don't miss out"
)
_PREORDER = re.compile(r"预售|预订|预定|\bpre-?orders?\b")


def stock_verdict(said: Said) -> Verdict | None:
    """The verdict on the first clause whose stock words the records do not bear out."""
    last: list[Product] = []
    for start, end in said.clauses:
        clause = said.bare[start:end]
        products = named_in(said.mentions, start, end) or last or said.products
        last = products
        claims = _claims(clause)
        if not claims or UNSURE.search(clause):
            continue
        if not products:
            return Verdict("drop", "stock")
        for product in products:
            variants = variants_named(clause, product) or said.evidence.variants(product)
            states = [v.availability for v in variants]
            every = bool(variants_named(clause, product))
            if not all(_true(claim, states, every) for claim in claims):
                return replace("stock", product)
    return None


def _claims(clause: str) -> set[str]:
    found = set()
    left = _NOT_OUT.sub(" ", clause)
    if left != clause:
        found.add("in")
    rest = SOLD_OUT.sub(" ", left)
    if rest != left:
        found.add("out")
    if SCARCE.search(rest):
        found.add("scarce")
        rest = SCARCE.sub(" ", rest)
    if _PREORDER.search(rest):
        found.add("preorder")
    if IN_STOCK.search(rest):
        found.add("in")
    return found


def _true(claim: str, states: list[Availability], every: bool) -> bool:
    """Whether the variants' states bear the claim out: those named all, else one for in stock."""
    if claim == "in":
        fit = [s.available and s.status != "preorder" for s in states]
        return all(fit) if every else any(fit)
    if claim == "out":
        return all(not s.available and s.status == "out_of_stock" for s in states)
    if claim == "preorder":
        return all(s.status == "preorder" for s in states)
    fit = [s.status == "low_stock" for s in states]
    return all(fit) if every else any(fit)
