"""Lengths that layers leave; a shape is that of one row, without the batch."""

Shape = tuple[int, ...]


def window(length: int, size: int, strides: int, padding: str, dilation: int = 1):
    """What a convolution or pool leaves of an axis."""
    if padding in ("same", "causal"):
        return -(-length // strides)
    return (length - dilation * (size - 1) - 1) // strides + 1


def transposed(length: int, size: int, strides: int, padding: str):
    """What a transposed convolution makes of an axis."""
    if padding == "same":
        return length * strides
    return length * strides + max(size - strides, 0)


def product(shape: Shape) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


def divisors(number: int) -> list[int]:
    return [d for d in range(1, number + 1) if number % d == 0]
