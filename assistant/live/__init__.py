"""The room: comments sorted, questions merged."""
