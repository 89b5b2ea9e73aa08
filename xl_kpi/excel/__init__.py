"""Workbooks: read, written, patched and generated."""
