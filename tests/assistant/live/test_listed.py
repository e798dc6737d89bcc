"""The feed tells of listed products whose price, stock or offers change."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from retrieval.catalog import Money, Offer, Text
from tests.assistant.live.conftest import OpenStage
from tests.fake_engine import FakeEngine


async def test_a_price_that_changes_is_told_once(open_stage: OpenStage) -> None:
    with FakeEngine("好的。") as engine:
        async with open_stage(engine) as stage:
            await stage.desk.queue()
            await asyncio.sleep(0.6)
            assert not stage.feed("product")
            variant = stage.store.catalog.product("air-2").default_variant
            stage.store.catalog.patch_variant(variant.id, price=Money(minor=15900, currency="CNY"))
            (told,) = await stage.until(lambda: stage.feed("product"))
            assert told.data["product_id"] == "air-2"
            shown = {one["id"]: one for one in told.data["variants"]}[variant.id]
            assert shown["price"] == {"minor": 15900, "currency": "CNY"}
            assert shown["availability"]["available"] is True
            assert told.data["version"] == stage.store.catalog.product("air-2").version


async def test_an_offer_tells_when_it_begins_and_when_it_ends(open_stage: OpenStage) -> None:
    with FakeEngine("好的。") as engine:
        async with open_stage(engine) as stage:
            await stage.desk.queue()
            await asyncio.sleep(0.6)
            now = datetime.now(UTC)
            offer = Offer(
                id="flash",
                kind="flash_price",
                title=Text(zh="秒杀", en="Flash"),
                product_ids=("air-2",),
                amount=Money(minor=9900, currency="CNY"),
                starts_at=now,
                ends_at=now + timedelta(seconds=2),
            )
            stage.store.catalog.put_offers([offer])
            (begun,) = await stage.until(lambda: stage.feed("product"))
            assert {one["price"]["minor"] for one in begun.data["variants"]} == {9900}
            assert begun.data["offers"]["en"][0]["id"] == "flash"
            ended = (await stage.until(lambda: stage.feed("product")[1:]))[0]
            assert {one["price"]["minor"] for one in ended.data["variants"]} != {9900}
            assert ended.at >= offer.ends_at


async def test_hosts_hear_that_the_item_on_air_has_sold_out(open_stage: OpenStage) -> None:
    with FakeEngine("好的。") as engine:
        async with open_stage(engine) as stage:
            await stage.desk.queue()
            await asyncio.sleep(0.6)
            for variant in stage.store.catalog.product("pangdun-500").variants:
                stage.store.catalog.patch_variant(variant.id, stock=0)
            alert = (await stage.until(lambda: stage.feed("alert")))[0]
            assert alert.data == {"what": "sold_out", "product_id": "pangdun-500"}
