"""Works out what s01_team_month.toml expects; ``--check`` compares."""

from exact import run
from system_s01 import expected

if __name__ == "__main__":
    run(__file__, expected)
