"""The parts of the program; what the user starts and types stands at the top level beside it."""

NAME = "Fleet dash-cam footage"  # of the program, as it stands in the files that it makes
__version__ = "1.1.0"  # the one place; pyproject.toml and --version read it here
