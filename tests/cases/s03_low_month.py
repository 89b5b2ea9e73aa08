"""Works out what s03_low_month.toml expects; ``--check`` compares."""

from exact import run
from system_s03 import expected

if __name__ == "__main__":
    run(__file__, expected)
