"""netmap: the network-mapping table of a disaster-recovery estate, asked and changed from Slack."""

__version__ = "0.1.0"
