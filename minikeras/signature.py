"""What functions take, and what a call hears that gives something else.

Every misspelt keyword is met here, in one of three ways: `Checked` for classes that
take none but their own arguments, `checked` for functions, `keyword_hint` for those
who collect the others in `**kwargs` and find some left over.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from minikeras.naming import did_you_mean

_TAKES_ANY_KEYWORD = 0x08  # inspect.CO_VARKEYWORDS, without the 5 ms of importing it

# Keras 1's and 2's words, and what Keras 3 calls these.
_TODAY = {
    "W_constraint": "kernel_constraint",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "atrous_rate": "dilation_rate",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "bias": "use_bias",
    "border_mode": "padding",
    "concat_axis": "axis",
    "dim_ordering": "data_format",
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "filter_length": "kernel_size",
    "init": "kernel_initializer",
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
    "nb_col": "kernel_size",
    "nb_epoch": "epochs",
    "nb_filter": "filters",
    "nb_row": "kernel_size",
    "nb_val_samples": "validation_steps",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "samples_per_epoch": "steps_per_epoch",
    "sigma": "stddev",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
}

F = TypeVar("F", bound=Callable)


def parameters(function) -> tuple[str, ...]:
    """The names of a function's parameters, *args and **kwargs left out."""
    code = getattr(unwrapped(function), "__code__", None)
    if code is None:
        return ()
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def accepts(function, name: str) -> bool:
    """Whether a function has a parameter of that name."""
    return name in parameters(function)


def default_of(function, name: str):
    """The default value of a parameter, or None."""
    return defaults_of(function).get(name)


def defaults_of(function) -> dict:
    """The default values of the parameters that have one."""
    function = unwrapped(function)
    code = getattr(function, "__code__", None)
    if code is None:
        return {}
    values = function.__defaults__ or ()
    last = code.co_varnames[code.co_argcount - len(values) : code.co_argcount]
    return dict(zip(last, values, strict=True)) | (function.__kwdefaults__ or {})


def unwrapped(function):
    """The function that decorators have wrapped."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def takes_any_keyword(function) -> bool:
    """Whether a function has a **kwargs."""
    code = getattr(unwrapped(function), "__code__", None)
    return code is not None and bool(code.co_flags & _TAKES_ANY_KEYWORD)


def arguments_of(cls: type) -> list[str]:
    """What the constructor of a class takes, also by way of its bases' `**kwargs`.

    What a base demands, the class itself hands to it.
    """
    inits = [b.__dict__["__init__"] for b in cls.__mro__ if "__init__" in b.__dict__]
    found = dict.fromkeys(parameters(inits[0])[1:])
    for inner, init in zip(inits, inits[1:], strict=False):
        if not takes_any_keyword(inner):
            break
        found |= dict.fromkeys(defaults_of(init))
    return list(found)


def keyword_hint(unknown: Iterable[str], known: Iterable[str]) -> str:
    """What to write instead of the unknown keywords, as sentences after a message.

    >>> keyword_hint(["activaton"], ["units", "activation"])
    " Did you mean 'activation'?"
    >>> keyword_hint(["border_mode"], ["padding"])
    " Today's word is 'padding'."
    """
    known = list(known)
    hints = []
    for name in unknown:
        if _TODAY.get(name) in known:
            hints.append(f" Today's word is {_TODAY[name]!r}.")
        else:
            hints.append(did_you_mean(name, known))
    return "".join(hints) or f" Expected: {', '.join(known)}."


def check_construction(cls: type, args: tuple, kwargs: dict) -> None:
    """TypeError, by the name of the class, for arguments that its `__init__` would
    refuse anyway: perhaps by the name of a base, and never with a hint."""
    init = cls.__init__  # type: ignore[misc]
    if not (args or kwargs):
        return  # so copies are made, too
    if init is object.__init__:
        raise TypeError(f"{cls.__name__}() takes no arguments")
    if not hasattr(init, "__code__") or hasattr(init, "__wrapped__"):
        return  # no plain function, or a decorator may have changed the arguments
    check_keywords(init, kwargs, cls.__name__, first=1)
    optional = defaults_of(init)
    for name in parameters(init)[len(args) + 1 :]:
        if name not in kwargs and name not in optional:
            raise TypeError(f"{cls.__name__}() needs the argument {name!r}.")


def check_keywords(function, kwargs: dict, shown: str, first: int = 0) -> None:
    """TypeError with a hint for a keyword that `function` would refuse anyway.

    `shown` is what the user called; parameters before `first` are not for them.
    """
    if takes_any_keyword(function):
        return
    known = parameters(function)[first:]
    for name in kwargs:
        if name not in known:
            raise TypeError(
                f"{shown}() got an unexpected keyword argument {name!r}."
                + keyword_hint([name], known)
            )


class Checked:
    """A class that says what a misspelt argument of its constructor may have meant."""

    def __new__(cls, *args: Any, **kwargs: Any):
        check_construction(cls, args, kwargs)
        return super().__new__(cls)


def checked(function: F) -> F:
    """Decorator of a function that says what a misspelt argument may have meant."""

    @wraps(function)
    def call(*args, **kwargs):
        check_keywords(function, kwargs, function.__qualname__)
        return function(*args, **kwargs)

    return call  # type: ignore[return-value]


class Missing:
    """An attribute that is not there, but whose name is known elsewhere: asking for it
    raises an AttributeError that says what to do instead."""

    def __init__(self, instead: str):
        self.instead = instead

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, owner, cls: type):
        raise AttributeError(
            f"{cls.__name__!r} object has no attribute {self.name!r}. {self.instead}"
        )
