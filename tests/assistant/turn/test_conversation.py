"""What is remembered, and how much of it."""

from __future__ import annotations

from assistant.turn.conversation import Conversations, Role, Talk, Turn, paired


def talk(name: str, viewer: str | None = "ann", room: str = "demo") -> Talk:
    return Talk(room, viewer, name)


def test_only_the_last_turns_are_kept() -> None:
    kept = Conversations(turns=2)
    for n in range(4):
        kept.add(talk("a"), Turn(f"q{n}", f"r{n}"))
    assert [turn.question for turn in kept.turns(talk("a"))] == ["q2", "q3"]
    assert kept.turns(talk("b")) == ()


def test_the_conversation_not_used_for_longest_is_forgotten() -> None:
    kept = Conversations(turns=1, conversations=2)
    for name in "ab":
        kept.add(talk(name), Turn(name, name))
    kept.turns(talk("a"))
    kept.add(talk("c"), Turn("c", "c"))
    assert [bool(kept.turns(talk(name))) for name in "abc"] == [True, False, True]


def test_an_id_opens_nobody_elses_conversation_and_forgets_its_own() -> None:
    kept = Conversations(turns=1)
    for whose in (talk("1"), talk("1", "bob"), talk("1", None), talk("1", room="other")):
        assert kept.turns(whose) == ()
        kept.add(whose, Turn(str(whose), ""))
    kept.forget("ann")
    assert kept.turns(talk("1")) == kept.turns(talk("1", room="other")) == ()
    assert [bool(kept.turns(talk("1", who))) for who in ("bob", None)] == [True, True]


def test_a_client_s_history_is_paired() -> None:
    history: tuple[tuple[Role, str], ...] = (
        ("user", "q1"),
        ("assistant", "r1"),
        ("user", "q2"),
        ("assistant", "r2"),
    )
    assert paired(history, 1) == (Turn("q2", "r2"),)
