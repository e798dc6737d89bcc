"""Compliance: a line against dated rules of advertising, price and labelling law."""

from assistant.turn.compliance.check import Compliance, Finding
from assistant.turn.compliance.reading import Reading, read
from assistant.turn.compliance.rules import Rule, read_rules

__all__ = ["Compliance", "Finding", "Reading", "Rule", "read", "read_rules"]
