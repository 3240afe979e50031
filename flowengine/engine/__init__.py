"""The conversation: one answer in its eight steps, over ports."""
