"""Whether a run that is continued or evaluated has its original data, wherever they are now."""

from collections.abc import Mapping
from typing import Any, Literal

Likeness = Literal["same", "other", "decoded otherwise", "unknown"]
"""decoded otherwise: the rows differ, but so do the versions of Pillow that decoded them."""


def likeness(saved: Mapping[str, Any], now: Mapping[str, Any]) -> Likeness:
    """Compare the results of `data.describe` for two data sets; unknown if either has no fingerprint."""
    before, after = saved.get("fingerprint"), now.get("fingerprint")
    if before is None or after is None:
        return "unknown"
    if before == after:
        return "same"
    return "other" if saved.get("decoded_by") == now.get("decoded_by") else "decoded otherwise"


def difference(saved: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Message for data that are not the same."""
    before = f"those of {saved.get('name')}, with which the run began"
    drawn = ": does the recipe's dataset() draw them anew, without a seed?" if now.get("name") == "arrays" else ""
    return f"data set: rows or labels of {now.get('name')} are not {before}{drawn}"


def doubt(saved: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Message for data that were decoded differently."""
    return (
        f"{difference(saved, now)}; they were decoded by {saved.get('decoded_by')}, now by {now.get('decoded_by')}, "
        f"which may be why"
    )
