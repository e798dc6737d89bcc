"""Words by which a sentence binds the shop, in both languages; what they are worth is elsewhere."""

from __future__ import annotations

import re

PROMISE = re.compile(
    # shipping and arrival
    r"[包免]\s?[邮油]|免运|运费|邮费|顺丰|快递|物流|发货|发出|送达|到货|寄[出到给送]|配送|送货|"
    r"送到|上门|"
    r"当[天日]|次日|隔[天日]|明[天日晚]|后天|今晚|下周|周[一二三四五六日]|星期|"
    # returns, warranty, genuineness
    r"保价|价保|买贵|退差|补差|无理由|包[退换赔]|退[换货款钱]|换[货新]|可退|全退|试[用穿]期|"
    r"正品|保真|真品|行货|"
    r"专柜|授权|官方|假一|赔|质保|保修|联保|延保|维修|售后|终身|无忧|"
    # free things
    r"免[费废]|兔费|(?<!\d)[0零〇o]元|白[送拿嫖给]|不要钱|不花钱|不收[你您费钱]|免单|赠|"
    r"(?:就|还|再|加|另|额外|都|全|下单|买\S{0,6})送|送(?:你|您|亲|[一二两三四五六七八九十\d]|"
    r"完|券|价值|礼)|"
    r"红包|返现|返利|抽奖|中奖|福利|礼品卡|代金|积分|"
    # binding words
    r"成交|一言为定|说定|约定|保证|承诺|答应|担保|保障|绝不|绝无|包你|包您|稳赚|约束力|合同|"
    r"签约|协议|法律|"
    r"放心承|承[担若]|"
    # paying
    r"分期|免息|花呗|白条|货到付款|先用后付|定金|尾款|"
    # other prices
    r"(?:会员|内部|员工|成本|批发|出厂|工厂|底|跳楼|骨折|地板|白菜|亲情|老板|活动|新人|学生|"
    r"拼团|团购)价|"
    r"亏本|清仓|甩卖|破价|改价|恢复原价|涨价|降价|全网|"
    r"补货|预留|留货|锁单|"
    # English
    r"\bship(?:s|ped|ping)?\b(?! shape)|postage|courier|deliver(?:y|ies|ed|able)?\b|\bdelivers?\b|"
    r"\barriv(?:e|es|al|ing)\b|dispatch|overnight|(?:same|next)[- ]day|\btomorrow\b|\btonight\b|"
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|next week|"
    r"\breturn(?:s|ed|able)?\b|refund|money[- ]?back|\bexchang(?:e|es|ed|eable)\b|\breplac(?:e|"
    r"es|ed|ing)\b|"
    r"\breplacements?\b|warrant|guarant|genuine|authentic|certif|\bpromis(?:e|es|ed)\b|\bswear\b|"
    r"\bassur(?:e|ed|ance)\b|\bpledge|\bvow|"
    r"\b(?:we|i)(?:'ll| will| shall)\b|my word|binding|legal|contract|agreement|\bdeals?\b|"
    r"\bagreed?\b|"
    r"settled|\btrial\b|\btry before\b|price[- ]match|\brepairs?\b|lifetime|after[- ]sales|"
    r"\bfree(?:bie|bies)?\b|complimentary|on the house|on us\b|no (?:extra |"
    r"additional )?(?:charge|cost|fee)|"
    r"gratis|zero cost|costs? (?:you )?nothing|without (?:charge|cost|paying)|won'?t (?:cost|pay)|"
    r"\bbonus|giveaway|\bgifts? (?:card|voucher|with|included)|comes with a gift|throw(?:n)? in|"
    r"cash ?back|"
    r"(?:send|take|bring|give)s? (?:it|them|this|these) (?:back|away)|giving (?:it|them|this) away|"
    r"change your mind|no questions asked|for nothing|nothing to pay|\bqualif|\brewards?\b|"
    r"eligible|"
    r"everything must go|cash only|insured|at your door|"
    r"rebate|raffle|lottery|\bwin an?\b|\bprizes?\b|installment|pay later|interest[- ]free|"
    r"cash on delivery|\b(?:member|employee|staff|wholesale|insider|student)s?'? (?:price|rate)|"
    r"wholesale|"
    r"\bat cost\b|restock|back in stock|pre-?order (?:now|today)|reserve[ds]?\b|price (?:drop|"
    r"will|goes|going)"
)
FALSE_FRIENDS = re.compile(
    r"(?<!\brisk)(?<!fee)(?<!cost)(?<!charge)(?<!tax)(?<!duty)(?<!postage)(?<!shipping)(?<!interest)"
    r"(?<!obligation)(?<!commitment)[a-z]{2,}-free\b|"
    r"\b(?:hands|sugar|gluten|dairy|lactose|caffeine|hassle|worry|stress|wrinkle|fragrance|"
    r"scent|noise|"
    r"tangle|cruelty|chemical|alcohol|paraben|sulfate|bpa|fat|oil|crease|lint|odou?r|pain|wire|"
    r"cable|"
    r"distraction|interruption|soap|additive|smoke) free\b|"
    r"\bfree (?:of|from|up|time|movement|hands?|your|range|spirit)\b|\b(?:feel|feels|set|"
    r"break) free\b|"
    r"\bfree-?(?:standing|flowing|ly|dom)\b|"
    r"\bdelivers? (?:an? |the |its |very |really )?(?:[a-z-]+ ){0,3}?(?:sound|audio|bass|warmth|"
    r"comfort|"
    r"performance|power|taste|flavou?r|experience|quality|support|heat|airflow|results?|clarity|"
    r"notes?)\b|"
    r"\breturns? to (?:its|their|the) (?:original )?shape\b|"
    r"\breplac(?:e|ement)s? (?:the |your |brush |tooth\w* )*(?:brush|heads?|bulb|filter|battery|"
    r"refills?)\b|"
    r"\b(?:we|i)(?:'ll| will) (?:be happy to|gladly|happily) (?:help|assist|suggest|recommend)\b|"
    r"\b(?:we|i)(?:'ll| will) (?:help|assist|suggest|recommend|check|pass|ask)\b|"
    r"(?<=[适合])送(?=[人给朋女男爸妈长父母老孩闺同礼])|送礼|送[人给朋女男爸妈长父母孩闺]|"
    r"送(?:同事|老)|保温杯送|"
    r"一年四季|安全保障|当日常|当[天日]常|明天见|放心保证金"
)
OFFER = re.compile(
    r"优惠|折扣|打\S{0,2}折|特价|促销|满减|立减|直降|秒杀|半价|[领用]?券|减免|让利|限时|限量|"
    r"限购|抢购|专享|"
    r"专属|独家|叠加|同享|同时用|一起用|最后一天|仅限|只限|优惠码|口令|活动|"
    r"\bcoupons?\b|\bvouchers?\b|\bpromo(?:tion)?s?\b|\bdiscount(?:s|ed)?\b|"
    r"\b(?:on|for|flash|big) sale\b|\bsales? (?:price|ends)\b|\b(?:special|limited|exclusive|"
    r"current|great|"
    r"this|our|best) offers?\b|\boffers? (?:end|price|is|are|run)|\brunning offers?\b|clearance|"
    r"half[- ]price|half off|\bmark(?:ed)? ?downs?\b|bargain|\ba steal\b|\bexclusive|"
    r"limited[- ](?:time|edition|offer)|last day|(?:today|tonight) only|only (?:today|tonight)|"
    r"ends? (?:today|tonight|soon)|supplies last|stocks? lasts?|bundle|buy one|\bbogo\b|"
    r"\bstack(?:s|ed|able)?\b|"
    r"\bcombin(?:e|ed|able)\b|还能再|再享|再[减打省]|折上折|on top of|plus another|"
    r"together with|\b(?:promo|"
    r"discount|coupon|voucher) codes?\b|\bcode\b"
)
ACTION = re.compile(
    r"(?:帮|给|为|替)(?:你|您|亲|大家)[^,，。]{0,4}(?:下单|改|降|退|预留|留|锁|申请|安排|加购|"
    r"加入|发|"
    r"打|优惠|减|免|补|赔|"
    r"登记|备注|延长|争取|开通|送|寄)|"
    r"我(?:做主|拍板|批准|同意|决定|可以给|能给)|"
    r"已(?:经)?[^,，。]{0,4}(?:下单|改价|退款|发货|确认订单|预留|锁定|生效|批准|通过|转账|到账|"
    r"登记|"
    r"扣款|支付)|"
    r"\b(?:i|we)(?:'ve|'ll|'d|'m|'re)?\s+(?:\w+\s+){0,3}?(?:refund|ship|send|sent|reserv|hold|"
    r"held|appl(?:y|ied)|"
    r"upgrad|cancel|match|waiv|credit|compensat|reimburs|sell|sold|charg|confirm|accept|approv|"
    r"authori[sz]|extend|throw|deduct|lower|reduc)\w*|"
    r"\b(?:i|we)(?:'ve|'ll|'d)?\s+(?:\w+\s+){0,3}?(?:give|gave|offer|add|added|include|order|"
    r"book)\w*\s+"
    r"(?!(?:you\s+)?(?:\w+\s+){0,3}?(?:suggest|recommend|advice|options?|details?|information|"
    r"ideas?|help|"
    r"tips?|range|variety))|"
    r"your (?:order|refund|payment|discount|request) (?:is|has been|was) \w+|"
    r"\b(?:has|have) been (?:approved|applied|confirmed|refunded|reserved|upgraded|accepted)"
)
CONTACT = re.compile(
    r"微信|薇信|威信|[加➕+]\s?(?:我|v|薇|微)|\bv信|\bvx\b|\bwx\b|\bqq\b|扣扣|企鹅号|公众号|"
    r"私信|私聊|私下|手机号|"
    r"电话|身份证|银行卡|密码|验证码|转账|汇款|打款|扫码|二维码|"
    r"\b(?:whatsapp|telegram|wechat|snapchat|discord|instagram|paypal|venmo|zelle|bitcoin|"
    r"crypto|usdt)\b|"
    r"\bpasswords?\b|(?:credit )?card (?:number|details)|\bssn\b|social security|phone number|"
    r"bank account|"
    r"wire transfer|gift card|\bdm (?:me|us)\b|text me|call (?:me|us)|e-?mail|\bqr code\b|"
    r"(?:click|tap|visit|go to|see|check) (?:this |the |our |my )?(?:link|url|site|website)|"
    r"点击?链接"
)
ELSEWHERE = re.compile(
    r"淘宝|天猫|京东|拼多多|闲鱼|抖音|快手|别家|别处|其他店|其它店|同行|竞品|市面上|市场上|"
    r"\b(?:amazon|ebay|aliexpress|temu|walmart|taobao|tmall|jd\.com|pinduoduo|shein|costco)\b|"
    r"(?:other|another|any other|competing) (?:shop|store|seller|brand|retailer)s?|competitors?|"
    r"elsewhere|"
    r"on the market"
)
RATING = re.compile(r"好评|评价|评分|\breviews?\b|\brat(?:ed|es?|ings?)\b|\bstars?\b(?! anise)")
HEARSAY = re.compile(
    r"热销|热卖|爆款|畅销|销量|卖得最|卖得很|回头客|口碑|网红|明星同款|销冠|回购|万人|"
    r"\bbest[- ]?sell|top[- ]sell|"
    r"\b(?:customers?|people|buyers?|users?|everyone|everybody|viewers?|shoppers?) (?:all |"
    r"really |often |also )?"
    r"(?:loves?|says?|said|raves?|reports?|agrees?|swear|bought|buy)|"
    r"医生|专家|院士|临床|权威|治[疗愈好]|疗效|药效|根治|\bcur(?:e|es|ed|ing)\b|\bheals?\b|"
    r"award|endorsed|recommended by|doctors?\b|experts?\b|scientific|clinical|featured in|"
    r"as seen on"
)
IDENTITY = re.compile(
    r"我(?:就)?是(?:真人|人类|主播|客服|老板|店长|医生)|不是(?:ai|机器人|人工智能)|"
    r"\bi(?:'m| am) (?:a |an |the )?(?:real |actual )?(?:human|person|host|owner|manager|doctor|"
    r"employee)\b|"
    r"not an? (?:ai|bot|robot|machine)\b|系统提示|提示词|系统指令|忽略(?:之前|以上|上述|前面)|"
    r"大模型|语言模型|"
    r"\bprompts?\b|(?:previous|prior|my|your|these|above) instructions?|language model|"
    r"\bjailbr|\bas an ai\b"
)
# The clause itself says that nobody knows, or sends the viewer to the rule or a person.
UNSURE = re.compile(
    r"不确定|不清楚|不知道|没有?(?:提到|写|说明|注明|提供|相关)|未(?:提及|提到|注明|说明|写)|"
    r"无法(?:确认|确定|保证|提供)|"
    r"不能(?:保证|承诺|确定)|暂无|"
    r"(?:\bnot|n't|\bcannot|\bunable to|\bunsure)\b.{0,24}(?:sure|certain|know|say|state|specif|"
    r"mention|"
    r"confirm|guarantee|promise|listed|include)|\bunsure\b|\bunclear\b|\bno information\b|"
    r"\bisn't (?:listed|stated)|\bnot (?:listed|stated|specified|mentioned)"
)
REFER = re.compile(
    r"(?:咨询|询问|问一?下|联系|查看|看一?下|参考|以).{0,12}(?:客服|主播|政策|规则|说明|页面|"
    r"为准|详情)|"
    r"\b(?:ask|check|contact|see|refer to|consult|read)\b.{0,24}\b(?:host|person|staff|policy|"
    r"policies|page|"
    r"service|rules|terms|card|label)\b"
)
HARD = re.compile(
    r"包邮|免费|保证|承诺|赔|送|包退|\bfree\b|guarant|promis|refund|\bdeal\b|will\b|我们|本店|"
    r"\bwe\b|\bour\b"
)
