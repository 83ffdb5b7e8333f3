"""`python -m vocana_dsp` is `vocana`."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="vocana")
