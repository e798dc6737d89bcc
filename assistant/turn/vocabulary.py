"""Words for properties that shops and viewers both use: colours, materials, features, sizes."""

from __future__ import annotations

import re

_COLOURS_ZH = (
    "酒红 枣红 大红 粉红 玫红 玫瑰金 橙 橘 黄 金 草绿 墨绿 军绿 绿 青 天蓝 宝蓝 藏蓝 深蓝 "
    "浅蓝 蓝 紫 纯黑 黑 米白 纯白 奶白 白 深灰 浅灰 灰 银 粉 棕 咖啡 咖 褐 米 卡其 驼 裸 香槟 "
    "藏青 杏 红"
)
_MATERIALS_ZH = (
    "纯棉 全棉 棉麻 亚麻 羊毛 羊绒 真丝 桑蚕丝 蚕丝 羽绒 白鹅绒 鹅绒 鸭绒 真皮 牛皮 羊皮 "
    "头层牛皮 绒面 实木 胡桃木 橡木 竹纤维 竹制 不锈钢 304不锈钢 钛 纯钛 铝合金 陶瓷 骨瓷 "
    "玻璃 高硼硅 硅胶 乳胶 记忆棉 涤纶 尼龙 牛仔 灯芯绒 天丝 莫代尔 塑料 铸铁 珐琅 皮质 皮革 "
    "木质"
)
_FEATURES_ZH = (
    "防水 防晒 防滑 防摔 防风 防油 防雨 防蓝光 降噪 主动降噪 无线 蓝牙 快充 充电式 可充电 "
    "静音 便携 可折叠 折叠 保温 保暖 加厚 加绒 加大 加长 轻薄 轻便 超薄 透气 速干 吸汗 高腰 "
    "修身 宽松 长袖 短袖 无袖 圆领 v领 无糖 低糖 低脂 低卡 零糖 有机 无添加 不粘 可机洗 机洗 "
    "可水洗 磁吸 触控 智能 变频 一级能效 双人 单人 儿童 婴儿 男款 女款 男士 女士 大容量 迷你 "
    "免打孔 免烫 抗菌 防螨 补水 保湿 美白 祛痘 控油 敏感肌"
)
_COLOURS_EN = (
    "black white red blue green pink grey gray yellow purple brown beige orange navy teal "
    "gold silver ivory cream khaki burgundy maroon turquoise coral lavender charcoal olive "
    "tan mauve"
)
_MATERIALS_EN = (
    "cotton wool cashmere silk linen leather suede denim velvet fleece down feather polyester "
    "nylon canvas wood wooden bamboo oak walnut stainless-steel steel titanium aluminum "
    "aluminium ceramic porcelain glass silicone latex memory-foam plastic cast-iron rubber"
)
_FEATURES_EN = (
    "waterproof water-resistant wireless bluetooth noise-cancelling noise-canceling foldable "
    "portable rechargeable insulated breathable lightweight organic vegan sugar-free "
    "gluten-free decaf washable machine-washable dishwasher-safe non-slip nonslip non-stick "
    "nonstick hooded sleeveless long-sleeve short-sleeve padded magnetic solar cordless "
    "adjustable reusable handmade unlocked fast-charging quick-dry windproof shockproof "
    "reversible ergonomic scented unscented hypoallergenic fragrance-free"
)


def _any(words: str) -> str:
    parts = (re.escape(word).replace(r"\-", "[ -]?") for word in words.split())
    return "|".join(sorted(parts, key=len, reverse=True))


ATTRIBUTE = re.compile(
    rf"(?P<colour>(?:深|浅|亮|暗)?(?:{_any(_COLOURS_ZH)})色"
    rf"|(?<![大通眼网])(?:{_any(_COLOURS_ZH)})(?=的|款))"
    rf"|(?P<word>{_any(_MATERIALS_ZH)}|{_any(_FEATURES_ZH)}"
    rf"|(?<![a-z])(?:{_any(_COLOURS_EN)}|{_any(_MATERIALS_EN)}|{_any(_FEATURES_EN)})(?![a-z]))"
    r"|(?P<size>(?<![a-z0-9])(?:[2-6]?x{0,4}[sl]|m)(?=码|号|的码)|均码|\d{2}(?:\.5)?码"
    r"|(?<![a-z])(?:in |size |a )(?:x{0,3}[sl]|m|small|medium|large|x-?large)(?![a-z'])(?! bit"
    r"| lot))"
)
"""A property in a plain text. `colour` may lack its 色; `size` may have words around it."""
# Words that hold a property's word without meaning it.
ATTRIBUTE_INSIDE = re.compile(
    r"小白(?!色)|白条|白菜价|红包|黄牛|黑科技|黑心|蓝牌|金额|现金|佣金|定金|奖金|小米|玉米|厘米"
    r"|毫米|多少米|几米"
    r"|break down|down(?:load|time| ?stairs)|slow down|come down|red cross|black friday|white label"
    r"|gold (?:card|member)|blue ?tooth|粉丝|银行|黑名单|绿色通道|青少年|白天|米饭|大米"
)


def attribute_words(text: str) -> list[tuple[str, int, int]]:
    """(word, start, end) of every property that a plain text names, in order."""
    masked = ATTRIBUTE_INSIDE.sub(lambda m: m[0] if m[0] == "bluetooth" else "\n" * len(m[0]), text)
    found = []
    for match in ATTRIBUTE.finditer(masked):
        word = match[0]
        if match["colour"] and not word.endswith("色"):
            word += "色"
        if match["size"]:
            word = re.sub(r"^(?:in|size|a) ", "", word)
            word = word.upper() if re.fullmatch(r"[2-6]?x{0,4}[sl]|m", word) else word
        found.append((word, *match.span()))
    return found
