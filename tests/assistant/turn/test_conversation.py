"""What is remembered, and how much of it."""

from __future__ import annotations

from assistant.turn.conversation import Conversations, Role, Turn, paired


def test_only_the_last_turns_are_kept() -> None:
    kept = Conversations(turns=2)
    for n in range(4):
        kept.add("a", Turn(f"q{n}", f"r{n}"))
    assert [turn.question for turn in kept.turns("a")] == ["q2", "q3"]
    assert kept.turns("b") == ()


def test_the_conversation_not_used_for_longest_is_forgotten() -> None:
    kept = Conversations(turns=1, conversations=2)
    for name in "ab":
        kept.add(name, Turn(name, name))
    kept.turns("a")
    kept.add("c", Turn("c", "c"))
    assert [bool(kept.turns(name)) for name in "abc"] == [True, False, True]


def test_a_client_s_history_is_paired() -> None:
    history: tuple[tuple[Role, str], ...] = (
        ("user", "q1"),
        ("assistant", "r1"),
        ("user", "q2"),
        ("assistant", "r2"),
    )
    assert paired(history, 1) == (Turn("q2", "r2"),)
