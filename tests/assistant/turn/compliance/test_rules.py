"""Rule files: ours are whole, a merchant's are added, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingRefused
from assistant.turn.compliance import Compliance, read_rules

OWN = """
source = "House rules"
date = 2026-03-01

[[rule]]
id = "shop.no-rival"
reason.zh = "不提别家牌子。"
reason.en = "No rival is named."
words = ["{月兔,星兔}{牌,}"]
"""


def test_every_rule_of_ours_has_a_source_a_date_and_reasons_in_both_languages() -> None:
    rules = read_rules().rules
    assert len(rules) > 25
    for rule in rules:
        assert rule.source
        assert rule.date.year >= 1960
        assert rule.reason.zh
        assert rule.reason.en


def test_a_merchants_rules_are_added_and_seen_through_disguises(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    compliance = Compliance(read_rules(tmp_path))
    for line in ("比月兔便宜", "比月 兔便宜", "比yue tu便宜"):
        (found, *_) = compliance.check(line)
        assert found.rule.id == "shop.no-rival"
        assert found.rule.source == "House rules"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rule = [", "is not TOML"),
        (OWN.replace("date = 2026-03-01", ""), "rule 'shop.no-rival': date: Field required"),
        (OWN.replace("words = [", "word = ["), "rule 'shop.no-rival': word: Extra inputs"),
        (
            OWN.replace('words = ["{月兔,星兔}{牌,}"]', ""),
            "words or patterns: one of them is needed",
        ),
        (OWN + 'patterns = ["("]', "patterns: '(' is no pattern"),
        (OWN + 'allow = ["a*"]', "matches nothing at all"),
        (OWN + 'scope = ["cars"]', "scope: ['cars'] is not among"),
        (OWN.replace("shop.no-rival", "cn.ad.9-3.most"), "has that id too"),
        (OWN.replace("shop.no-rival", "No Rival"), "id: String should match"),
    ],
)
def test_a_mistake_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingRefused) as refused:
        read_rules(tmp_path)
    assert said in str(refused.value)
    assert "own.toml" in str(refused.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="LIVESHOP_RULES"):
        read_rules(tmp_path / "none")
