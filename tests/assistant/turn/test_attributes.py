"""What a record says to a question about a property, however it is worded."""

from __future__ import annotations

import pytest

from assistant.store import Store
from assistant.turn.attributes import attribute_answer
from assistant.turn.policies import policies_for
from retrieval.catalog import Language
from retrieval.names import ProductNames
from retrieval.retriever import Retriever

Shop = tuple[Store, Retriever, ProductNames]


@pytest.mark.parametrize(
    ("product_id", "question", "language", "said"),
    [
        ("pangdun-500", "里面那层是什么钢做的", "zh", "316"),
        ("air-2", "how many hours on one charge", "en", "hours"),
        ("cedar-candle", "一支能烧多长时间", "zh", "小时"),
        ("heavy-tee", "is it see-through?", "en", "opaque"),
        ("santoku-knife", "can it chop through bone", "en", "bone"),
        ("wool-quilt", "里面填的是啥", "zh", "羊毛"),
    ],
)
def test_what_is_nearest_in_meaning_is_said(
    shop: Shop, product_id: str, question: str, language: Language, said: str
) -> None:
    store, retriever, _ = shop
    product = store.catalog.product(product_id)
    answer = attribute_answer(product, question, (), language, retriever.near)
    assert answer is not None
    assert said in answer.text


@pytest.mark.parametrize("question", ["创始人是谁", "哪个明星代言的"])
def test_what_no_record_says_is_not_made_up(shop: Shop, question: str) -> None:
    store, retriever, _ = shop
    for product_id in ("pangdun-500", "heavy-tee", "cedar-candle"):
        product = store.catalog.product(product_id)
        assert attribute_answer(product, question, (), "zh", retriever.near) is None


@pytest.mark.parametrize(
    ("kind", "question", "ids"),
    [
        ("warranty", "音箱坏了保修吗", ["warranty-electronics"]),
        ("warranty", "is my suitcase under warranty", ["warranty-bags"]),
        ("returns", "零食能退吗", ["returns-food"]),
        ("returns", "退货要多久", ["returns"]),
    ],
)
def test_without_a_product_the_policy_for_the_goods_named_answers(
    shop: Shop, kind: str, question: str, ids: list[str]
) -> None:
    policies = shop[0].catalog.policies()
    assert [policy.id for policy in policies_for(kind, None, policies, question)] == ids


def test_where_no_goods_are_named_every_warranty_answers(shop: Shop) -> None:
    policies = shop[0].catalog.policies()
    assert len(policies_for("warranty", None, policies, "保修多久")) == 5
