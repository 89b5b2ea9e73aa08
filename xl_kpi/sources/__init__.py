"""Readers of what HR already has: logs and platform exports, turned into the book's tables."""
