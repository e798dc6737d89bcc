from __future__ import annotations

import random

from eval.cross_language import queries
from retrieval.training.goods import goods_groups, goods_of
from retrieval.training.tables import rows

TITLES = ["纯棉四件套", "Leather Wallet", "Fishing Rod", "绿茶", "Blue Jeans", "Red Jeans", "台灯"]


def test_goods_are_asked_for_in_both_languages() -> None:
    goods = [goods_of(title) for title in TITLES * 6]
    groups = list(goods_groups(goods, random.Random(0)))
    assert {group.texts[0] for group in groups} == set(TITLES)
    crossing = [g for g in groups if g.query.isascii() != g.texts[0].isascii()]
    assert crossing
    assert all(group.grades[0] == 1.0 for group in groups)
    assert all(group.texts[0] not in group.texts[1:] for group in groups)


def test_the_same_kind_without_the_property_is_between() -> None:
    goods = [goods_of(title) for title in TITLES * 6]
    groups = list(goods_groups(goods, random.Random(1)))
    between = {
        (g.texts[0], t) for g in groups for t, grade in zip(*g[2:], strict=True) if grade == 0.3
    }
    assert between == {("Blue Jeans", "Red Jeans"), ("Red Jeans", "Blue Jeans")}


def test_the_catalogue_s_own_kind_counts() -> None:
    goods = [goods_of("Festive Bauble", "red glass", kind="christmas"), goods_of("Claw Hammer")]
    (first, second) = goods_groups(goods * 3, random.Random(0)), goods
    assert "christmas decoration" in second[0].text
    assert len(list(first)) == 6


def test_no_query_of_the_evaluation_trains() -> None:
    asked = {query for _, *both in queries() for query in both}
    written = {
        query
        for _, *both in rows("goods_questions.tsv", 3)
        for column in both
        for query in column.split("|")
    }
    assert len(written) > 500
    assert not asked & written
