"""Words that ask about a product without naming it, in both languages."""

from __future__ import annotations

import re

_ZH = """
多少钱 多少米 多少 什么价格 什么价位 什么价 价格 价钱 怎么卖 几钱 几块 贵不贵 便宜点 便宜 优惠券
优惠 打折 折扣 活动 满减 还有没有货 有没有货 还有货 有货 没货 现货 库存 缺货 断货 补货 有没有
还有吗 有吗 还有 能不能 可不可以 可以 能 是不是 是什么 什么 怎么样 怎么买 怎么 咋样 咋卖 咋 如何
哪个 哪款 哪里 哪儿 哪种 哪一个 为什么 请问 请 问一下 想问 我想 想要 我要 想买 要买 购买 下单
链接 主播 老板 客服 你好 您好 亲 宝宝 介绍一下 介绍 讲一下 讲讲 看一下 看看 推荐一下 推荐 有什么
区别 对比 比较 相比 好不好 好用吗 质量 材质 尺寸 尺码 颜色 规格 多大 多高 多重 多久 几天
什么时候 发货 包邮 运费 快递 退货 换货 退换 保修 质保 售后 支持 这个 那个 这款 那款 这件 那件
这双 这条 刚才 刚刚 现在 今天 直播间 的话 一下 一件 一个 一款 两件 两款 几个 几件 几款
适合 使用 告诉我 知道
你们家 你们 我们 他们 它 吗 呢 吧 啊 呀 么 嘛 了 的 和 跟 与 还是 或者 以及 有 是 在 要 买 卖 给
我 你 您 还 也 都 就 个 款 元 块
"""
SCAFFOLD_ZH = re.compile("|".join(sorted(map(re.escape, _ZH.split()), key=len, reverse=True)))

_EN = """
a an the this that these those it its is are was were be been am do does did done can could will
would should shall may might must have has had having i me my mine we us our you your yours he she
they them their his her what which who whom whose when where why how much many more most some any
all each every no not nor so too very just only also both either neither than then there here out
of on off in into onto at by to from for with without about between over under and or but if as up
down again still yet now today tomorrow please hi hello hey thank thanks ok okay yes one ones
price cost costs pric cheap cheaper expensive discount sale sold sell selling deal coupon offer
stock available availability left buy purchase get got order ordered want wanted need needed like
looking look show tell know find see give recommend recommended suggest compare comparison versus
vs better best good great difference different ship shipping shipped delivery deliver return
refund warranty guarantee pay payment item product thing stuff option come coming back don doesn
isn aren ll re ve s t d m going go new long day week size color colour carry shop store
"""
STOP_EN = frozenset(_EN.split())
