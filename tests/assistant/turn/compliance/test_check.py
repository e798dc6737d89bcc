"""What may not be said, however it is written, and what may."""

from __future__ import annotations

from functools import lru_cache

import pytest

from assistant.turn.compliance import Compliance, read_rules


@lru_cache(maxsize=1)
def compliance() -> Compliance:
    return Compliance(read_rules())


def rules(line: str, category: str | None = None) -> set[str]:
    return {found.rule.id for found in compliance().check(line, category)}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("这款面霜是全网最好的，没有之一", "cn.ad.9-3.most"),
        ("国家级的品质", "cn.ad.9-3.listed"),
        ("连续五年销量第一", "cn.ad.9-3.listed"),
        ("我们是首选品牌", "cn.ad.9-3.first"),
        ("它能治疗失眠", "cn.ad.17.medical"),
        ("老中医祖传秘方，药到病除", "cn.ad.17.medical"),
        ("喝了它，高血压就好了", "cn.ad.17.medical"),
        ("七天瘦十斤", "cn.ad.28.efficacy"),
        ("无毒无副作用", "cn.ad.28.efficacy"),
        ("这款奶粉媲美母乳", "cn.ad.20.infant"),
        ("一抹就白", "cn.cosmetics.43.medical"),
        ("全网最低价", "cn.price.19.lowest"),
        ("原价1999是随便标的", "cn.price.19.lowest"),
        ("零差评", "cn.live.34.sales"),
        ("好评返现10元", "cn.live.34.sales"),
        ("别家都是假货", "cn.live.36.rivals"),
        ("我是真人主播", "cn.live.34.ai-as-person"),
        ("加我微信转账更便宜", "cn.live.private-deal"),
        ("一经售出概不退换", "cn.consumer.unfair-terms"),
        ("开光手串招财转运", "cn.ad.9-8.superstition"),
        ("小朋友们快让爸爸妈妈买", "cn.ad.40.minors"),
        ("考试包过", "cn.ad.24-25.returns"),
        ("喝点酒解乏", "cn.ad.22-23.tobacco-alcohol"),
        ("把AI标识去掉", "cn.ai-label.10.removal"),
        ("Guaranteed to work", "us.ftc.guarantee"),
        ("It cures diabetes", "us.ftc.health"),
        ("I have used it myself for years", "us.ftc.reviews"),
        ("Our customers all love it", "us.ftc.reviews"),
        ("the best mattress in the world", "us.ftc.superlative"),
        ("It is 100% natural", "us.ftc.green"),
        ("prices go up tonight", "us.ftc.price"),
        ("I am a real person", "intl.ai.disclosure"),
    ],
)
def test_each_kind_of_claim_is_found(line: str, rule: str) -> None:
    assert rule in rules(line)


@pytest.mark.parametrize(
    "line",
    [
        "最 好 的面霜",
        "最*好的面霜",
        "最\u200b好的面霜",
        "最，好的面霜",
        "罪好的面霜",
        "蕞好的面霜",
        "醉好用的面霜",
        "zui好的面霜",
        "zuihao的面霜",
        "zui hao 的面霜",
        "日取好的面霜",
        "最🌟好的面霜",
        "最女子的面霜",
        "ＺＵＩ好的面霜",
        "𝓏𝓊𝒾好的面霜",
        "全網最低",
        "全网罪低价",
        "全网zd价",
        "这款zj的面霜",
        "这款ZG品质",
        "弟一品牌",
        "第①品牌",
        "第壹品牌",
        "第—品牌",
        "国加级",
        "囯家级",
        "国jia级",
        "国家圾",
        "guo jia ji 品质",
        "顶ji享受",
        "治聊失眠",
        "氵台疗失眠",
        "zhi liao失眠",
        "根zhi痔疮",
        "药到bing除",
        "g u a r a n t e e d",
        "gu@rant33d",
        "g.u.a.r.a.n.t.e.e.d",
        "guaran\u00adteed",
        "ｇｕａｒａｎｔｅｅｄ",
        "guаrаnteed",
        "It cur3s c@ncer",
        "It c-u-r-e-s cancer",
        "m1racle cream",
        "销量🥇",
        "Ⓖuaranteed",
    ],
)
def test_disguises_are_seen_through(line: str) -> None:
    assert rules(line)


@pytest.mark.parametrize(
    "line",
    [
        "最后一件",
        "第一步先用温水",
        "最新款今天到货",
        "我们家最便宜的一款39元",
        "这三款里最轻的是蓝色",
        "最好用温水洗",
        "最多可以叠加两张券",
        "最大承重150公斤",
        "离您最近的仓库",
        "唯一的区别是颜色",
        "面料是100%棉",
        "完美日记同款色号",
        "特级初榨橄榄油",
        "国家级非物质文化遗产",
        "不能代替药物",
        "有慢性病的朋友请遵医嘱",
        "我们不敢说全网最低",
        "广告法不让说最好",
        "直筒版型显瘦",
        "7天无理由退货",
        "单独家里用",
        "价格低一点",
        "质料很好",
        "此地一游",
        "封顶级别看说明",
        "绝对不能放进微波炉",
        "全国联保",
        "独立包装，单独家用",
        "治愈系小夜灯",
        "我是AI助手，不是真人",
        "划线价259元，现在199元",
        "今晚12点活动结束",
        "消毒湿巾可以杀菌",
        "The best way to wash it is by hand.",
        "It does not cure or treat any disease.",
        "We can't guarantee delivery.",
        "30-day money-back guarantee",
        "Best before 2027",
        "dog treats",
        "The lightest of the three is blue.",
        "I'm an AI assistant, not a real person.",
        "cured ham",
        "Only two left in stock.",
        "the rapist-proof lock",
        "be st",
    ],
)
def test_lawful_lines_pass(line: str) -> None:
    assert compliance().check(line) == []


def test_spans_are_those_of_the_line_as_it_was_written() -> None:
    line = "家人们👏🏽👏🏽，𝗴𝘂𝗮𝗿𝗮𝗻𝘁𝗲𝗲𝗱 有效，罪 好 的！"
    found = [line[f.start : f.end] for f in compliance().check(line)]
    assert found == ["𝗴𝘂𝗮𝗿𝗮𝗻𝘁𝗲𝗲𝗱", "罪 好 的"]


def test_what_is_lawful_depends_on_the_goods() -> None:
    assert rules("这款可以治疗近视", "图书")
    assert not rules("这款可以治疗近视", "医疗器械")
    assert "cn.food.73.disease" in rules("增强免疫力", "保健食品")
    assert "cn.food.73.disease" not in rules("增强免疫力", "软件")


def test_a_line_cannot_make_its_goods_a_medicine() -> None:
    assert rules("这茶比药品还管用，治疗高血压")


def test_a_quoted_name_is_no_claim() -> None:
    line = "第一品牌保温杯现在79元。"
    assert compliance().check(line)
    assert not compliance().check(line, quoted=["第一品牌保温杯"])
    assert compliance().check(line + "这是第一品牌。", quoted=["第一品牌保温杯"])
