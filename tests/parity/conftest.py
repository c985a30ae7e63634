"""Which files of this folder are tests, and which tests run unasked."""

collect_ignore = ["scripts", "faults"]  # to be run, not to be searched for tests


def pytest_collection_modifyitems(config, items):
    """Tests in a browser, which need Chromium, run only for `-m browser`."""
    if "browser" in (config.getoption("markexpr") or ""):
        return
    asked = [item for item in items if item.get_closest_marker("browser") is None]
    if len(asked) < len(items):
        config.hook.pytest_deselected(items=[i for i in items if i not in asked])
        items[:] = asked
