"""Words for stock, clause by clause, against the stock of what each clause speaks of."""

from __future__ import annotations

import re

from assistant.turn.grounding.alternatives import any_of
from assistant.turn.grounding.mentions import named_in, variants_named
from assistant.turn.grounding.promise_words import UNSURE
from assistant.turn.grounding.said import Said, Verdict, replace
from retrieval.catalog import Availability, Product

# By class: what is no more (gone, none), what cannot be had, what is still there, what is little.
SOLD_OUT = any_of(
    r"售[罄完空]|告罄|脱销|清空(?!购)|(?:卖|抢|拍|买|订|秒|走|扫|拿|搬|清)(?:完(?!全)了?|[光没]了?|空了|断)|断供|断档|停[产售供]|绝版|"
    r"没影|归零|不再(?:卖|售|供应|生产)|结束销售|[不没]剩|[没无断缺]货|[没无]有?(?:现货|库存|货)|"
    r"(?:无法|不能|没法|没办法|不可|没得|暂停|停止|不给|不让|不再)[^，。]{0,2}(?:购买|下单|购入|选购|入手|订购|供应|供货|"
    r"出售|销售|发售|[买拍订抢卖售](?!家))|(?:全部?|都|已经?)[^，。]{0,2}(?:卖掉|售出|出清|清完)|"
    r"断码|没有了|没了|空了|下架|拿不到|(?:拍|买|拿|订|下单)不[了到着]|"
    r"sold.?out|(?:run|ran|clean|clear|fresh|all|completely|currently|now|we(?:'re| are)) out of|"
    r"out of stock|unavailable|not (?:currently |presently )?available|no longer (?:available|sold|"
    r"in stock)|disappeared|vanished|discontinued|run dry|(?:wiped|cleaned) out|\bclaimed\b|"
    r"back-?order(?:ed)?\b|off (?:the|our) shel(?:f|ves)|off sale|exhausted|depleted|spoken for|"
    r"found (?:a |new )?(?:homes?|owners?)|\ba single (?:one|piece|unit) left|every last|all taken|"
    r"(?:nobody|no one) can (?:buy|order|get|have)|"
    r"(?:n't|not) be able to (?:buy|order|get|have)|unable to (?:buy|order|get|have)|"
    r"(?:none|nothing|(?<!\d)0|zero)(?: of \S+)? (?:left|remain)|no stock|"
    r"\bno\b[^,.;]{1,60}?\b(?:left|in stock|available|remaining|to be had|to be found)\b|"
    r"\bsold\b(?! (?:by|in|as|at|for|with|separately|individually|to|on|under|over|per|worldwide|"
    r"here|only|fast|quickly))|"
    r"\bno longer (?:to be|on|for sale|offered|obtainable|carried|stocked)\b|"
    r"(?:can't|cannot|can not|couldn't|impossible to|unable to|no way to|not possible to)"
    r"[^.;]{0,16}\b(?:get|buy|bought|order(?:ed)?|purchased?|had|obtain(?:ed)?|found|suppl(?:y|ied)|sell|"
    r"sold)\b|"
    r"snapped up|\b(?:is|are) out\b(?! (?:of|with|in))|be supplied|\bgone\b(?! well)|"
    r"not in stock|(?:isn't|aren't|not) (?:currently |right now )?(?:available|"
    r"in stock)|"
    r"(?:can't|cannot|can not) (?:currently |now )?(?:be )?(?:bought|ordered|buy|order|get|had)\b"
)
_NOT_OUT = re.compile(
    r"(?:没有?|不会|不|未|还没|并没有?|没被?)(?:售[罄完]|(?:卖|抢|拍)[完光空]|缺货|断货|下架|脱销)|"
    r"(?:\bnot|n't) (?:yet |all |quite )?(?:sold.?out|out of stock|unavailable|gone)"
)
IN_STOCK = any_of(
    r"有货|有现[货成]|仓里?(?:还|都|是)?有|现货|[有够]库存|库存(?:充足|充裕|足|多|很多|够|管够|没问题|正常)|货源(?:充足|足|没问题)|"
    r"(?:能|可以|还能|可)(?:直接)?(?:买|拍|拿|下单|订|抢)(?:[得到着]|$|[哦呀啊哈的了吧，。！])|"
    r"(?:买|拍|拿|订|抢)得[到着]|直接(?:拍|下单|买)|还有(?:[货现]|很多|不少)|在售|还在(?:卖|架)|有得卖|"
    r"\bin.stock\b|\bavailable (?:now|for|in the|today)|\bplenty\b|\b(?:is|are|'s|still|"
    r"currently) available\b|\bon (?:the|our) shel(?:f|ves)|\bon hand\b|straight ?away|"
    r"there(?:'s| is|"
    r" are)(?: still)? (?:some |plenty of )?"
    r"(?:stock|inventory)|\bwe (?:do |still )?have (?:the|it|them|this|these|those|\u25a1)|"
    r"库存\S{0,2}还?有|"
    r"\bstill (?:around|about|with us|going|there|on sale|for sale|on offer|obtainable|"
    r"up for grabs)\b|"
    r"随时(?:可|能|都能)以?(?:下单|买|拍|拿)|敞开[买供拍]|"
    r"ready to (?:ship|buy|order)|well stocked|"
    r"can (?:still )?(?:be )?(?:buy|have the|have it|order|get|had|bought|ordered|"
    r"grab)(?:ed)?\b(?! (?:in|more|"
    r"extra))"
)
SCARCE = any_of(
    r"[仅只就][剩余有](?:最后)?(?:[一二两三几]|\d)?(?:[件个双只盒瓶点丁些]|库存)|最后\S{0,2}[件个双只盒瓶支套条]|"
    r"(?:余量|存量|余货|存货|库存|数量|现货|货量|货)[^，。]{0,5}(?:很少|不多|少得|稀少|偏少|偏低|吃紧|无几|见少|变少|减少|"
    r"不够)|(?:[晚慢])[^，。]{0,3}(?:就没|抢不到|买不到)|欲购从速|"
    r"剩(?:得|下)?(?:的)?(?:不|没)多|只够|卖一\S{1,2}少一|最后\S{0,2}[波批轮拨]|"
    r"库存(?:不多|不足|紧张|告急|有限|见底|很?少)|所剩|寥寥|(?:快|就要|马上|即将|差不多)(?:要|被)?(?:卖|售|抢|拍|没|见|断|"
    r"空|清)[完光罄空底货了]?|见底|没(?:几|多少)[件个双只盒瓶支套条]?|[仅只就]剩|一丁点|一点点库存|货(?:很|已经)?不多|不多了|"
    r"抓紧|手慢|手快有|再不(?:拍|买|下|抢)|赶[紧快](?:拍|买|下|抢)|数量有限|售完即止|卖完即止|先到先得|抢手|眼看|零星|紧俏|紧缺|"
    r"low (?:in |on )?(?:stock|inventory)|(?:only )?(?:a |the last )?(?:few|couple|handful|"
    r"small number)(?: of [^,.;]{1,60}?)?"
    r" (?:left|remain\w*|pieces|units|available|in stock)|"
    r"\b(?:hardly|barely|precious little|very little|scarcely|almost no|next to no|not many|"
    r"not much|very few|"
    r"precious few)\b[^,.;]{0,70}"
    r"\b(?:left|remain\w*|available|in stock|to go (?:round|around)|to be had)|"
    r"(?:almost|nearly|virtually|practically|just about|about to|close to) (?:be )?(?:gone|sold|"
    r"selling|out|empty|cleaned|wiped|claimed|exhausted|depleted)(?: out)?|"
    r"(?:final|last) (?:couple|batch|wave|units?|pieces?|stock)|single digits|"
    r"only a (?:few|handful|couple)|(?:few|couple) (?:left|remaining)|running (?:low|out|short)|"
    r"\bhurry\b|"
    r"limited (?:stock|quantit|availab|supply)|short supply|scarce|"
    r"(?:selling|going|flying|moving|disappearing)(?: out)? (?:fast|quickly|off the)|"
    r"down to (?:the|our|its|a) (?:last|final)|last (?:one|few|chance|pieces?|items?|units?)\b|"
    r"act (?:now|fast)|while (?:stocks?|supplies) lasts?|don't miss out|before (?:it's|it is|"
    r"they're|they are) gone|"
    r"\b(?:stocks?|suppl(?:y|ies)|quantit(?:y|ies)|inventory|availability|numbers)\b[^.;]{0,60}"
    r"\b(?:thin\w*|tight\w*|low(?:er)?|few(?:er)?|dropp\w*|fall\w*|shrink\w*|short|slim)\b|"
    r"\b(?:may|might|could|will|'ll|would) (?:well |soon )*be (?:gone|sold|out)\b|"
    r"\b(?:gone|sold) (?:soon|shortly|before long)\b|\b(?:act|move) quickly\b|\bdon't wait\b|"
    r"snap (?:it|them) up|won't last|\bdwindl"
)
# Where nothing can be had: an invitation to buy, or a word of plenty, however it is put.
_BUYING = any_of(
    r"拍|下单|入手|加购|购物车|(?<![元块镑币])买(?![\d一二两三四五六七八九十几来家过])|来得及|买几|订购|拿下|带走|安排上|囤|备货|"
    r"货(?:还|也|都)?(?:很|挺|是)?(?:多|足|全|备)|充[裕足]|上架|管够|多少有多少|"
    r"\bbuy\b|\border(?:ing)?\b(?! of)|\bgrab|\bpurchas|\bpick(?:ing)? up\b|\bcart\b|\bbasket\b|"
    r"\bcheck ?out\b|"
    r"\byours\b|\bget (?:the|it|one|yours)\b|\bready\b|\b(?:lots|enough|full|loads|heaps) of\b|"
    r"\bsupplied\b|\bback again\b|\btaking\b|\bwaiting for you\b|\bhave (?:it|them|the)\b"
)
_NOT_NOW = any_of(
    r"不|没|无|别|等|[到补]货|以后|之后|再[买拍下来]|另|其[他它]|换|收藏|关注|通知|买过|买家|"
    r"\bnot\b|n't|\bno\b|\bnever\b|\bonce\b|\bwhen\b|\buntil\b|\bafter\b|\binstead\b|\bother\b|"
    r"\banother\b|\bnotif|\bin order to\b|\bbefore\b"
)
_PREORDER = re.compile(r"预售|预订|预定|\bpre-?orders?\b")


# A clause about the stock that says nothing readable of it is not let pass.
_STOCK_NOUN = re.compile(
    r"库存|现货|仓[里库]|余量|存量|存货|余货|货源|货量|"
    r"\b(?:stocks?|inventory|supplies|quantities|availability)\b(?! exchange| pot)"
)
_OTHERS = re.compile(r"其他|其它|别的|另|\b(?:others?|rest|else|but)\b")


def stock_verdict(said: Said) -> Verdict | None:
    """The verdict on the first clause whose stock words the records do not bear out."""
    last: list[Product] = []
    before = ""
    for start, end in said.clauses:
        clause = said.bare[start:end]
        named_here = named_in(said.mentions, start, end)
        products = named_here or last or said.products
        last = products
        # In red you can have it, that is in stock: the second clause speaks of red too.
        if _OTHERS.search(clause) or named_here:
            before = ""
        if any(variants_named(clause, product) for product in products):
            before = clause
        claims = _claims(clause)
        if UNSURE.search(clause):
            continue
        if not claims and products and _sold_out(products, said) and _invites(clause):
            return replace("stock", products[0])
        if not claims:
            if _STOCK_NOUN.search(clause) and not _counted(said, start):
                return replace("stock", products[0] if len(products) == 1 else None)
            continue
        if not products:
            return Verdict("drop", "stock")
        for product in products:
            named = variants_named(before, product)
            variants = named or said.evidence.variants(product)
            states = [v.availability for v in variants]
            if not all(_true(claim, states, bool(named)) for claim in claims):
                return replace("stock", product)
    return None


def _sold_out(products: list[Product], said: Said) -> bool:
    states = [v.availability for p in products for v in said.evidence.variants(p)]
    return all(not s.available and s.status == "out_of_stock" for s in states)


def _invites(clause: str) -> bool:
    return _BUYING.search(clause) is not None and not _NOT_NOW.search(clause)


def _counted(said: Said, start: int) -> bool:
    """Whether the clause at `start`, or a later one, has the figure, which is checked as such."""
    return any(a.kind in ("count", "number") and a.start >= start for a in said.amounts)


def _claims(clause: str) -> set[str]:
    found = set()
    left = _NOT_OUT.sub(" ", clause)
    if left != clause:
        found.add("in")
    more = SCARCE.sub(" ", left)  # hardly any left, nearly out of: before what is gone
    if more != left:
        found.add("scarce")
    rest = SOLD_OUT.sub(" ", more)
    if rest != more:
        found.add("out")
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
