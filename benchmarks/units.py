"""Numbers as the tables show them."""


def number(value: float) -> str:
    """Three digits, and all those before the point."""
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{digits}f}"


def quantity(value: float, unit: str) -> str:
    """With its unit; seconds also as ms and µs."""
    divisor, shown = scale(value, unit)
    return f"{number(value / divisor)} {shown}"


def scale(value: float, unit: str) -> tuple[float, str]:
    """What to divide by, and the unit to show a value in."""
    if unit != "s" or value >= 1:
        return 1, unit
    return (1e-3, "ms") if value >= 1e-3 else (1e-6, "µs")
