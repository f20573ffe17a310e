"""Which modules pytest leaves alone: those whose optional engine is not installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("lsdb") else ["cscwidgets/science/*hats*.py"]
