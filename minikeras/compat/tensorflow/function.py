"""Counterpart: tensorflow/python/eager/polymorphic_function. tf.function."""


def function(func=None, **options):
    """The function itself: nothing is compiled here, so every call runs the Python.

    Also as `@tf.function(jit_compile=True)`; options are accepted and ignored.
    """
    return func if func is not None else lambda wrapped: wrapped
