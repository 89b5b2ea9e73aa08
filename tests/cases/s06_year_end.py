"""Works out what s06_year_end.toml expects; ``--check`` compares."""

from exact import run
from system_s06 import expected

if __name__ == "__main__":
    run(__file__, expected)
