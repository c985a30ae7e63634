"""The page of `--html` in a real browser: `pytest -m browser`, which needs Chromium and
its driver (Debian: chromium, chromium-driver)."""

import base64
import json
import re
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from parity import page
from parity.findings import Findings
from tests.parity import page_findings as examples

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCHEMES = ("light", "dark")
# [text colour, background behind it, opacity is never used] of what is to be read
COLOURS = """
const plain = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!/, 0\\)$/.test(colour)) return colour;
  }
};
return [...document.querySelectorAll(arguments[0])].map((element) => {
  const style = getComputedStyle(element);
  const drawn = element instanceof SVGElement;
  return [drawn ? style.fill : style.color, plain(element), element.textContent];
});
"""
READ = (
    "h1, h2, h3, p, b, a, dt, dd, summary, label, figcaption, .counts li, .legend li,"
    " .legend-bar li, thead th, .case th, em, td, .tensor, svg text, input, #shown"
)


BOXES = """
return [...document.querySelectorAll(arguments[0])].map((element) => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x, y, width, height, text: element.textContent };
});
"""


def boxes(browser, selector: str) -> list[dict]:
    """The place, size (0 where hidden) and text of each; in one go, which is faster."""
    return browser.execute_script(BOXES, selector)


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    evil = examples.agreeing()
    evil.rows[0].case = evil.traces[0].run = "<img src=http://x.test/ onerror=alert(1)>"
    found = {
        "agreeing": examples.agreeing(),
        "missing": examples.missing(),
        "empty": Findings({}),
        "evil": evil,
    }
    for name, findings in found.items():
        page.write(findings, folder / f"{name}.html")
    return folder


@pytest.fixture
def open_page(browser, files):
    """Opens a page and returns the browser; the log begins with it."""

    def open_page(name: str, width: int = 1200, scheme: str = "light"):
        for log in ("browser", "performance"):
            browser.get_log(log)
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get((files / f"{name}.html").as_uri())
        return browser

    return open_page


@pytest.mark.parametrize("name", ["agreeing", "missing", "empty", "evil"])
def test_it_opens_without_an_error_and_asks_the_network_for_nothing(open_page, name):
    browser = open_page(name)
    assert "scripted" in browser.find_element(By.TAG_NAME, "html").get_attribute(
        "class"
    )
    assert browser.get_log("browser") == []
    messages = [
        json.loads(entry["message"])["message"]
        for entry in browser.get_log("performance")
    ]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert len(asked) >= 1
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1


@pytest.mark.parametrize("width", [400, 1200])
def test_the_plots_are_there(open_page, width):
    browser = open_page("agreeing", width)
    svgs = boxes(browser, "svg.axes, svg.curves, svg.cells")
    assert len(svgs) == 2 + 2 + 6
    assert all(svg["width"] > 120 and svg["height"] > 15 for svg in svgs)
    for css in ("keras", "minikeras"):
        count = "return document.querySelector(arguments[0]).points.numberOfItems"
        assert browser.execute_script(count, f"polyline.{css}") == 20
    dots = boxes(browser, "circle.difference")
    assert len(dots) == 20 and all(dot["width"] > 3 for dot in dots)
    cells = boxes(browser, "svg.cells rect")
    assert len(cells) == 6 * 20 - 3  # of the first updates nothing was noted
    assert all(cell["width"] > 3 for cell in cells)


@pytest.mark.parametrize("width", [400, 1200])
def test_labels_of_an_axis_do_not_overlap(open_page, width):
    browser = open_page("missing", width)
    for run in (1, 2):
        for figure in (1, 2):
            plot = f"#run-{run} .plot:nth-of-type({figure})"
            texts = boxes(browser, f"{plot} svg.axes text")
            assert len(texts) >= 8
            for i, a in enumerate(texts):
                assert 0 <= a["x"] and a["x"] + a["width"] <= width
                assert not [b for b in texts[i + 1 :] if _overlap(a, b)], a


def _overlap(a: dict, b: dict) -> bool:
    apart = (
        a["x"] + a["width"] <= b["x"]
        or b["x"] + b["width"] <= a["x"]
        or a["y"] + a["height"] <= b["y"] + 3  # letters leave their line's edge free
        or b["y"] + b["height"] <= a["y"] + 3
    )
    return not apart


def test_the_filter_and_the_switch(open_page):
    browser = open_page("missing")

    def shown() -> int:
        count = sum(row["height"] > 0 for row in boxes(browser, "tr.row"))
        said = browser.find_element(By.ID, "shown").text
        assert said == f"{count} of 1000 rows"
        return count

    assert shown() == 1000
    box = browser.find_element(By.ID, "filter")
    box.send_keys("Case 83")
    assert shown() == 6
    box.send_keys(" weight")
    assert shown() == 1
    heads = [head for head in boxes(browser, "tr.case") if head["height"] > 0]
    assert [head["text"].strip() for head in heads] == [
        "layers/case 831 of 6 rows misses"
    ]
    box.clear()
    box.send_keys("x")
    box.send_keys("\ue003")  # backspace
    browser.find_element(By.ID, "only").click()
    assert shown() == 2
    browser.find_element(By.ID, "only").click()
    assert shown() == 1000


def test_only_misses_works_without_a_script(open_page):
    browser = open_page("missing")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.refresh()
        assert not browser.find_element(By.ID, "filter").is_displayed()
        browser.find_element(By.ID, "only").click()
        rows = browser.find_elements(By.CSS_SELECTOR, "tr.row")[:6]
        assert [row.is_displayed() for row in rows] == [True] + [False] * 5
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


def test_pointing_at_a_step_says_its_numbers(open_page):
    browser = open_page("agreeing")
    figure = browser.find_element(By.CSS_SELECTOR, "figure.plot")
    column = figure.find_elements(By.CSS_SELECTOR, "rect.column")[6]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", column)
    webdriver.ActionChains(browser).move_to_element(column).perform()
    said = figure.find_element(By.CSS_SELECTOR, ".readout").text
    assert re.match(
        r"step 7: tf\.keras 0\.\d+, minikeras 0\.\d+, float64 0\.\d+, difference ", said
    )
    cell = browser.find_element(By.CSS_SELECTOR, "svg.cells rect")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", cell)
    webdriver.ActionChains(browser).move_to_element(cell).perform()
    said = browser.find_element(By.CSS_SELECTOR, "figure.map .readout").text
    assert re.match(r"gradient of sequential/dense/kernel, step 1: [\d.]+ ulp", said)


@pytest.mark.parametrize("name", ["agreeing", "missing", "empty", "evil"])
@pytest.mark.parametrize("width", [320, 400, 1200])
def test_the_page_never_scrolls_sideways(open_page, name, width):
    browser = open_page(name, width)
    scrolls = "const e = document.documentElement; return e.scrollWidth - e.clientWidth"
    assert browser.execute_script(scrolls) <= 0


def test_a_wide_table_scrolls_inside_its_box(open_page):
    browser = open_page("missing", 400)
    box = browser.find_element(By.CSS_SELECTOR, "#verdicts .scroll")
    inner, outer = (
        browser.execute_script(f"return arguments[0].{name}", box)
        for name in ("scrollWidth", "clientWidth")
    )
    assert inner > outer and box.rect["x"] + box.rect["width"] <= 400


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["agreeing", "missing"])
def test_everything_written_is_readable(open_page, name, scheme):
    browser = open_page(name, scheme=scheme)
    found = browser.execute_script(COLOURS, READ)
    assert len(found) > 100
    low = {
        (text.strip()[:30], round(contrast(ink, paper), 2))
        for ink, paper, text in found
        if text.strip() and contrast(ink, paper) < 4.5
    }
    assert not low


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_and_dots_stand_out(open_page, scheme):
    browser = open_page("missing", scheme=scheme)
    paper = browser.execute_script(
        "return getComputedStyle(document.body).backgroundColor"
    )
    assert (luminance(paper) > 0.5) == (scheme == "light")
    style = (
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    )
    for selector, name, least in [
        ("polyline.minikeras", "stroke", 4.5),
        ("polyline.keras", "stroke", 1.5),  # wide, under the other one
        ("polyline.allowed", "stroke", 3.0),
        ("circle.difference", "fill", 4.5),
        ("circle.above", "fill", 4.5),
        ("line.axis", "stroke", 3.0),
    ]:
        drawn = browser.execute_script(style, selector, name)
        assert contrast(drawn, paper) >= least, (selector, drawn)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_colours_of_the_maps_are_in_order(open_page, scheme):
    """Each differs from the one before, and always in the same direction."""
    browser = open_page("agreeing", scheme=scheme)
    get = (
        "return [...document.querySelectorAll('.legend-bar li')]"
        ".map((item) => getComputedStyle(item).borderTopColor)"
    )
    *colours, endless = browser.execute_script(get)
    lights = [luminance(colour) for colour in colours]
    assert lights == sorted(lights, reverse=scheme == "light")
    assert len(set(colours)) == 9 and endless not in colours


def test_pictures_to_look_at(open_page, tmp_path):
    """Not judged here; kept where pytest keeps its files."""
    for name in ("agreeing", "missing"):
        for scheme in SCHEMES:
            for width in (400, 1200):
                browser = open_page(name, width, scheme)
                height = browser.execute_script("return document.body.scrollHeight")
                clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
                shot = browser.execute_cdp_cmd(
                    "Page.captureScreenshot",
                    {"captureBeyondViewport": True, "clip": clip},
                )
                file = tmp_path / f"{name}-{scheme}-{width}.png"
                file.write_bytes(base64.b64decode(shot["data"]))
                assert file.stat().st_size > 20_000


def luminance(colour: str) -> float:
    """Of "rgb(…)", as WCAG 2 defines it."""
    parts = [float(part) for part in re.findall(r"[\d.]+", colour)]
    assert len(parts) == 3 or parts[3] == 1, f"{colour} is not opaque"
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in parts[:3])
    ]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)
