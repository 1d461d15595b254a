"""When a vehicle was online, in words: as the provider tells it."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from footage.model import Contact
from footage.system import timezones
from footage.system.text import count_text, single_line

_JUST_NOW = timedelta(minutes=5)


def ago_text(span: timedelta) -> str:
    """How long ago something was: "20 s", "5 min", "3 h", "4 days"."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 90:
        return f"{seconds} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    hours = round(seconds / 3600)
    return f"{hours} h" if hours < 48 else count_text(round(seconds / 86400), "day")


def short(contact: Contact, now: datetime) -> str:
    """For the line on the screen: "last online 3 h ago", "online for 3 h"; "online" of a vehicle
    that had just been heard of, as it is not asked again for some minutes.
    """
    if contact.online:
        return f"online for {ago_text(now - contact.at)}"
    if contact.asked_at - contact.at <= _JUST_NOW:
        return "online"
    return f"last online {ago_text(now - contact.at)} ago"


def listed(contact: Contact, now: datetime, tz: tzinfo) -> str:
    """For the list of vehicles: "04/16/2025 13:30:05 CDT (3 h ago), Unplugged"."""
    since = "online since " if contact.online else ""
    state = f", {contact.state}" if contact.state else ""
    when = timezones.clock_text(contact.at, tz)
    return single_line(f"{since}{when} ({ago_text(now - contact.at)} ago){state}", 120)


def sentence(contact: Contact, provider: str, tz: tzinfo) -> str:
    """For summary and report, which are read later: with the moment itself."""
    when, ago = timezones.clock_text(contact.at, tz), ago_text(contact.asked_at - contact.at)
    asked = timezones.clock_text(contact.asked_at, tz)
    state = f' (its word: "{contact.state}")' if contact.state else ""
    was = f"has been online since {when}" if contact.online else f"was last online on {when}"
    what = "camera" if contact.camera else "vehicle"
    return single_line(
        f"{provider} says that the {what} {was}, {ago} before it was asked on {asked}{state}", 400
    )
