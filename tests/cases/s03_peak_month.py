"""Works out what s03_peak_month.toml expects; ``--check`` compares."""

from exact import run
from system_s03 import expected

if __name__ == "__main__":
    run(__file__, expected)
