"""The command line as users run it: output, errors in one line, exit codes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.llm.weights import known, model_named, place_of
from assistant.store import Store
from tests.assistant.played import play

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `liveshop ARGUMENTS` in an environment of its own; keywords are LIVESHOP_ settings."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("LIVESHOP_")}
        own = {"LIVESHOP_HOME": str(tmp_path / "home"), "LIVESHOP_CACHE": str(tmp_path / "cache")}
        given = {f"LIVESHOP_{name.upper()}": value for name, value in settings.items()}
        return subprocess.run(
            [sys.executable, "-m", "assistant.cli", *arguments],
            env=clean | own | {"COLUMNS": "200"} | given,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line with which a command ended in error."""
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_version_and_help_are_quick_to_answer(run: Run) -> None:
    assert run("--version").stdout.startswith("liveshop 0.")
    helped = run("--help").stdout
    for command in ("demo", "serve", "import", "catalog", "models", "eval", "bench"):
        assert command in helped


def test_a_setting_that_cannot_work_is_one_line(run: Run) -> None:
    line = refused(run("serve", port="eighty"))
    assert "LIVESHOP_PORT" in line
    assert "eighty" in line
    assert "LIVESHOP_HOST_KEY" in refused(run("serve", host="0.0.0.0"))


def test_an_import_counts_and_names_the_rows_refused(run: Run, tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    good = {"id": "a", "title": {"zh": "杯"}, "price": "10.00", "currency": "CNY", "stock": 3}
    rows = [json.dumps(good), json.dumps(good | {"id": "b", "price": "-1"}), "{broken"]
    feed.write_text("\n".join(rows), encoding="utf-8")
    done = run("import", str(feed))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "added 1, changed 0, unchanged 0, refused 2\n"
    assert "line 2: price '-1'" in done.stderr
    rebuilt = run("catalog", "rebuild-index")
    assert rebuilt.stdout == "1 products, 1 embedded\n"


def test_a_feed_with_no_good_row_fails(run: Run, tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_text("{broken\n")
    done = run("import", str(feed))
    assert done.returncode == 2
    assert "line 1" in done.stderr


def test_a_feed_that_is_not_there_or_no_feed(run: Run, tmp_path: Path) -> None:
    missing = run("import", str(tmp_path / "none.jsonl"))
    assert missing.returncode == 2
    assert "none.jsonl" in missing.stderr
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"\xff\xfex\x00")
    assert "UTF-16" in refused(run("catalog", "import", str(feed)))
    assert "parquet" in refused(run("import", str(feed), "--format", "parquet"))


def test_models_are_listed_fetched_and_verified(run: Run, tmp_path: Path) -> None:
    listed = run("models", "list").stdout
    for model in known():
        assert model.name in listed
    name = known()[0].name
    assert name in refused(run("models", "verify", "--only", name))
    assert "liveshop models pull" in refused(run("models", "verify"))
    assert "none-such" in refused(run("models", "pull", "--only", "none-such"))
    place = place_of(model_named(name), tmp_path / "cache")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"not the model")
    assert "bytes" in refused(run("models", "verify", "--only", name))
    assert hashlib.sha256(place.read_bytes()).hexdigest() != model_named(name).sha256


def test_tasks_are_handed_over_by_name(run: Run) -> None:
    helped = run("eval", "facts", "--help")
    assert helped.returncode == 0, helped.stderr
    assert "--data" in helped.stdout
    assert "there is no eval 'none'; there are " in refused(run("eval", "none"))
    assert "no eval 'figures'" in refused(run("eval", "figures"))
    assert "no bench '../secrets'" in refused(run("bench", "../secrets"))


def test_a_line_is_checked_against_our_rules_and_the_shops_own(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "rules"
    own.mkdir()
    text = (
        'id = "shop.moon"\nsource = "s"\ndate = 2026-01-01\nwords = ["月兔牌"]\nreason.en = "No."'
    )
    (own / "own.toml").write_text(f"[[rule]]\n{text}", encoding="utf-8")
    assert "shop.moon  2026-01-01" in run("rules", "list", rules=str(own)).stdout
    broken = run("rules", "check", "比月 兔 牌好，是全网最好的", rules=str(own))
    assert broken.returncode == 1
    assert "1-6  月 兔 牌  shop.moon  No." in broken.stdout
    assert "cn.ad.9-3.most" in broken.stdout
    passed = run("rules", "check", "最后一件，79元", rules=str(own))
    assert (passed.returncode, passed.stdout) == (0, "")
    (own / "own.toml").write_text("[[rule]]", encoding="utf-8")
    assert "own.toml: rule 1: id: Field required" in refused(run("rules", "list", rules=str(own)))


def test_a_key_is_made_exchanged_and_taken_away(run: Run) -> None:
    made = run("keys", "create", "--role", "host", "--label", "console", "--room", "demo")
    assert made.stdout.startswith("lsk_")
    key_id = made.stdout.split("_")[1]
    assert key_id in run("keys", "list").stdout
    assert run("keys", "rotate", key_id, "--overlap-hours", "0").stdout.startswith("lsk_")
    assert "(over)" in run("keys", "list").stdout
    assert run("keys", "revoke", key_id).returncode == 0
    assert "role 'king'" in refused(run("keys", "create", "--role", "king"))
    assert "'none'" in refused(run("keys", "revoke", "none"))


def test_the_trail_is_shown_verified_and_exported(run: Run, tmp_path: Path) -> None:
    assert "0 links hold" in run("audit", "verify").stdout
    with Store(f"sqlite:///{tmp_path / 'home' / 'liveshop.db'}") as store:
        moment = datetime(2026, 6, 18, tzinfo=UTC)
        store.events.append("s", "r1", "reply.shown", "demo", "ann", moment, {"text": "59元"})
    assert "59元" in run("audit", "show", "r1").stdout
    head = run("audit", "verify").stdout.split("head ")[1].strip()
    assert run("audit", "verify", "--expect", head).returncode == 0
    assert "ends at link 1" in refused(run("audit", "verify", "--expect", f"2:{head}"))
    assert run("audit", "export", "trail.jsonl").returncode == 0
    (link,) = map(json.loads, (tmp_path / "trail.jsonl").read_text("utf-8").splitlines())
    assert link["payload"] == {"text": "59元"}
    assert link["viewer"] not in (None, "ann")
    assert "'r2'" in refused(run("audit", "show", "r2"))


def test_a_ranker_is_learned_served_tried_and_taken_back(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with Store(f"sqlite:///{tmp_path / 'home' / 'liveshop.db'}") as store:
        store.migrate()
        assert "at least 167 are needed" in refused(run("train", "ranker", "--from-events"))
        play(store, 900)
    learned = run("train", "ranker", "--from-events")
    assert "ranker version 1 serves" in learned.stdout, learned
    assert not (tmp_path / "home" / "learning" / "plan.json").exists()
    again = run("train", "ranker", "--from-events", "--keep")
    assert "kept as ranker version 2, serves nobody: no better" in again.stdout, again
    listed = run("models", "rankers").stdout.splitlines()
    assert [line.split("│")[-2].strip() for line in listed if line.startswith("│")] == [
        "",
        "yes",
        "",
    ]
    assert "ranker version 0 serves again" in run("models", "rollback").stdout
    assert "nothing to go back to" in refused(run("models", "rollback"))
    begun = run("experiment", "start", "brands", "--ranker", "1", "--percent", "20")
    assert "20 % of the viewers" in begun.stdout
    report = json.loads(run("experiment", "report", "brands", "--json").stdout)
    assert (report["version"], report["a"]["replies"]) == (1, 0)
    assert "purchase" in run("experiment", "report", "brands").stdout
    assert "is over" in run("experiment", "end").stdout
