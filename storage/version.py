"""Which schema this program knows; kept apart so that a current file opens without sqlite-utils."""

NAMES = (
    "m001_estate_and_mappings",
    "m002_lease",
    "m003_requests",
    "m004_digests",
    "m005_requests_of_files",
    "m006_people",
    "m007_pair_names",
    "m008_left_baselines",
    "m009_former_targets",
    "m010_cards",
    "m011_unreadable",
    "m012_left_adapters",
    "m013_since_when_it_runs_there",
    "m014_owed_moves",
    "m015_answers",
)
"""The migrations, in order."""

APPLICATION_ID = 0x6E65746D
"""`netm`, in the header of every netmap database."""

VERSION = len(NAMES)
