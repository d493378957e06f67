"""The sample estate: New York and Chicago after Microsoft's example, grown to a few hundred VMs.

`fabric` lists servers, clouds, hosts and networks, `machines` the VMs, `story` what happens on
which day; `nouns` holds them while they change and writes them down. Nothing is random.
"""

from bot.importers.sample.story import SampleDay, sample_days

__all__ = ["SampleDay", "sample_days"]
