from __future__ import annotations

from itertools import islice

from eval.synthetic import products, questions


def test_the_same_seed_makes_the_same_shop() -> None:
    assert list(products(20)) == list(islice(products(40), 20))
    assert list(products(5, seed=1)) != list(products(5))
    assert list(questions(10)) == list(questions(10))


def test_every_product_is_bilingual_priced_and_distinct() -> None:
    made = list(products(300))
    assert len({product.title.zh for product in made}) > 295
    for product in made:
        assert product.title.zh
        assert product.title.en
        assert product.description.zh
        assert all(variant.price.minor > 0 for variant in product.variants)
    assert any(not product.available for product in made)
    assert any(len(product.variants) > 3 for product in made)
