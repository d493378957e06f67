"""Build every room once. The only room that reads the clock and knows the store."""

from bot.wiring.house import House, Outside, build, clock

__all__ = ["House", "Outside", "build", "clock"]
