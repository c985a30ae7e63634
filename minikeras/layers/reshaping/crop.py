"""What Cropping1D and Cropping2D share: shapes without their margins."""


def cropped_shape(layer, shape, widths) -> tuple:
    """`shape` less (before, after) per axis; ValueError where nothing is left."""
    for n, width in zip(shape, widths, strict=True):
        if n is not None and 0 < sum(width) >= n:
            raise ValueError(
                f"Layer '{layer.name}': `cropping` must leave something of the input. "
                f"Received: input shape {tuple(shape)} with cropping={layer.cropping}"
            )
    return tuple(
        None if n is None else n - sum(width)
        for n, width in zip(shape, widths, strict=True)
    )


def first_kept(widths) -> tuple:
    """The index of the first entry that stays, per axis."""
    return tuple(before for before, _ in widths)
