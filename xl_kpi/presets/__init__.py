"""The policies' own figures and words, as data."""
