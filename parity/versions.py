"""What is compared with what: versions and processor."""

import platform
from importlib import metadata

import minikeras


def installed() -> dict[str, str]:
    """The versions of what is compared, as far as it is installed."""
    found = {}
    for name in ("keras", "tensorflow", "numpy"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {**found, "minikeras": minikeras.__version__, "cpu": cpu()}


def cpu() -> str:
    """The processor's name, from Linux's /proc where there is one."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
