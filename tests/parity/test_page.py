"""The page of `--html`, read as text: what is on it, and that it is whole in itself.
In a browser: test_page_browser.py."""

import dataclasses
import importlib.util
import math
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from parity import __main__ as command
from parity import page
from parity.findings import Curve, Entry, Findings, Heat, Miss, Row, Trace
from parity.page import heat, plots, scales
from parity.page.numbers import gap, number, power
from parity.page.page import breakable, render
from tests.parity import page_findings as examples

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
VOID = {"meta", "link", "input", "wbr"}


class Reader(HTMLParser):
    """Every element with its attributes and text; fails where tags do not nest."""

    def __init__(self, text: str):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"<{tag}> repeats an attribute"
        element = {"tag": tag, "text": "", **dict(attributes)}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self._open and self._open[-1]["tag"] == tag, f"</{tag}> closes nothing"
        self._open.pop()

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def all(self, tag: str, css: str = "") -> list[dict]:
        return [
            element
            for element in self.elements
            if element["tag"] == tag
            and set(css.split()) <= set((element.get("class") or "").split())
        ]


def odd() -> Findings:
    """Runs with nothing, with one step, with numbers that are not finite."""
    nan, inf = math.nan, math.inf
    curve = Curve(
        [1, 2, 3, 4],
        [3.0, nan, inf, 0.7],
        [3.0, nan, 1.0, 0.7000001],
        [3.0, None, None, 0.7],
        [1e-7, 0.0, inf, nan],
    )
    values: list = [[0.0, 0.5, inf, None], [None, nan, 1e9, 4.0]]
    maps = [Heat("gradient", ["a", "b"], [1, 2, 3, 4], values)]
    traces = [
        Trace("odd", curve, maps),
        Trace("nothing"),
        Trace("no steps", Curve(), [Heat("gradient", ["a"], [], [[]])]),
        Trace("one", Curve([7], [0.5], [0.5], [], [])),
    ]
    rows = [
        Row("case", "output", 1, inf, nan, "exact", misses=[examples.miss()]),
        Row("case", "failed", 1, misses=[Miss("tf.keras", "raised OSError: no")]),
    ]
    return Findings({}, rows, traces)


def evil() -> Findings:
    """Every text that a comparison may bring along is an attack."""
    row = Row(EVIL, EVIL, 1, 1.0, 1.0, EVIL, EVIL)
    missing = dataclasses.replace(
        row, misses=[Miss(EVIL, EVIL, [Entry([0], 1.0, 2.0)]), Miss(EVIL, EVIL)]
    )
    curve = Curve([1, 2], [1.0, 2.0], [1.0, 2.0], [None, None], [1.0, 1.0])
    trace = Trace(EVIL, curve, [Heat(EVIL, [EVIL], [1], [[1.0]])])
    return Findings({EVIL: EVIL, "cpu": EVIL}, [row, missing], [trace])


ALL = {
    "empty": Findings({}),
    "no traces": Findings(examples.VERSIONS, examples.agreeing().rows),
    "agreeing": examples.agreeing(),
    "missing": examples.missing(),
    "odd": odd(),
    "evil": evil(),
}


@pytest.fixture(scope="module", params=ALL)
def text(request) -> str:
    return render(ALL[request.param])


def test_the_page_is_whole_in_itself(text):
    found = Reader(text)
    for element in found.elements:
        assert "src" not in element and "style" not in element
        assert not any(name.startswith("on") for name in element)
        assert re.match("#|data:,$", element.get("href", "#"))
        if element["tag"] == "link":
            assert element["href"] == "data:,"
    allowed = "http://www.w3.org/2000/svg"  # the name of SVG: nothing is loaded
    rest = text.replace(f'xmlns="{allowed}"', "").replace("&lt;", "")
    assert not re.search(r"https?:|url\(|@import|//[a-z]", rest, re.IGNORECASE)


def test_every_plot_is_well_formed_xml(text):
    for svg in re.findall(r"<svg class=\"(?:axes|cells|map-axis)\".*?\n *</svg>", text):
        ElementTree.fromstring(svg)
    assert text.count("<svg") == text.count("</svg>")
    found = Reader(text)
    for element in found.elements:
        for name in ("x", "y", "width", "height", "cx", "cy", "x1", "y1"):
            if name in element and element["tag"] != "text":
                assert 0 <= float(element[name].rstrip("%")) <= 100, element
        for point in element.get("points", "").split():
            assert all(0 <= float(value) <= 100 for value in point.split(","))


def test_links_lead_somewhere(text):
    found = Reader(text)
    names = [element["id"] for element in found.elements if "id" in element]
    assert len(names) == len(set(names))
    targets = {e["href"][1:] for e in found.all("a")}
    assert targets <= set(names)


def test_nothing_from_the_data_becomes_markup():
    found = Reader(render(evil()))
    assert len(found.all("script")) == 1 and not found.all("img")
    assert "alert" not in found.all("script")[0]["text"]
    for place in ("h2", "h3", "th", "td", "dd", "b", "summary", "title"):
        assert any(EVIL in element["text"] for element in found.all(place)), place
    assert not [e for e in found.elements if any(n.startswith("on") for n in e)]


def test_only_the_pages_own_script_may_run():
    import base64
    import hashlib

    found = Reader(render(evil()))
    script = found.all("script")[0]["text"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(e["content"] for e in found.all("meta") if "http-equiv" in e)
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_misses_come_first_and_each_leads_to_its_entries():
    found = Reader(render(examples.missing()))
    cases = [e["text"] for e in found.all("th") if e.get("colspan")]
    assert cases[0].startswith("layers/case 83") and "1 of 6 rows" in cases[0]
    assert cases[1].startswith("training/mlp") and cases[2] == "layers/case 0"
    rows = found.all("tr", "row")
    assert len(rows) == 1000 and len(found.all("tr", "row miss")) == 2
    assert "miss" in rows[0]["class"] and "weight" in rows[0]["text"]
    articles = found.all("article")
    assert [article["id"] for article in articles] == ["miss-1", "miss-2"]
    assert [e["href"] for e in found.all("a") if "miss-" in e["href"]] == [
        "#miss-1",
        "#miss-2",
    ]
    for value in ("[0, 3]", "0.12345679", "0.12345", "0.123456789012", "6.79e-06"):
        assert value in articles[0]["text"], value
    assert "step 9: parts by 0.0012, allowed 1.1e-06" in articles[1]["text"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty", "Nothing was compared."),
        ("agreeing", "agree to rounding: 56 results in 3 rows, no miss."),
        ("missing", "part: 2 of 1,000 rows miss, in 2 cases."),
        ("odd", "part: 2 of 2 rows miss, in case."),
    ],
)
def test_the_verdict_in_a_sentence(name, said):
    assert said in Reader(render(ALL[name])).all("p", "sentence")[0]["text"]


def test_a_side_that_fails_has_no_difference():
    found = Reader(render(odd()))
    row = next(e for e in found.all("tr", "row") if "failed" in e["text"])
    assert row["text"].split() == ["failed1", "real", "difference:", "1", "miss"]
    said = found.all("article")[1]["text"]
    assert "raised OSError: no" in said and "largest" not in said


def test_rows_that_are_all_exact_are_said_to_be_so():
    rows = [Row("dense", "output", 3, allowed="exact")]
    assert "agree to the last bit" in render(Findings({}, rows))


def test_the_versions_are_named():
    said = " ".join(e["text"] for e in Reader(render(examples.agreeing())).all("div"))
    for word in ("TensorFlow2.21.0", "Keras3.15.1", "NumPy2.3.4", "CPUSome Processor"):
        assert word in said.replace("\n", "").replace("  ", "")


def test_a_point_for_each_step_on_both_plots():
    found = Reader(render(examples.agreeing()))
    lines = {e["class"]: e["points"].split() for e in found.all("polyline")}
    assert len(lines["line keras"]) == len(lines["line minikeras"]) == 20
    assert len(lines["line allowed"]) == 2 * 20  # a tread from edge to edge
    assert len(found.all("circle", "difference")) == 20
    titles = [e["text"] for e in found.all("title")]
    assert sum(t.startswith("step 20: tf.keras 0.0") for t in titles) == 2


def test_zeros_have_a_place_of_their_own():
    curve = Curve([1, 2, 3], [1.0, 2.0, 3.0], [1.0, 2.0, 3.1], [], [1e-7, 0.0, 1e-7])
    plot = plots.difference_plot(plots.steps_of(curve))
    assert [tick.label for tick in plot.y_ticks if tick.at > plot.axis.rules[0]] == [
        "0"
    ]
    zero = next(tick.at for tick in plot.y_ticks if tick.label == "0")
    assert [dot.y == zero for dot in plot.dots] == [True, True, False]
    assert [dot.css for dot in plot.dots] == ["difference", "difference", "above"]


def test_losses_that_are_not_finite_are_shown_apart():
    steps = plots.steps_of(odd().traces[0].loss)
    plot = plots.loss_plot(steps)
    apart = next(tick.at for tick in plot.y_ticks if tick.label == "not finite")
    assert [(d.css, d.x) for d in plot.dots if d.y == apart] == [
        ("keras", 37.5),
        ("keras", 62.5),
        ("minikeras", 37.5),
    ]
    assert [s.difference for s in steps][:3] == [0.0, 0.0, math.inf]
    assert [s.allowed for s in steps] == [1e-7, 0.0, math.inf, None]
    assert str(steps[1]) == (
        "step 2: tf.keras NaN, minikeras NaN, difference 0, allowed 0"
    )


def test_a_cell_for_each_number_and_none_for_none():
    [found] = [heat.map_of(odd().traces[0].heat[0])]
    rows = [[(cell.column, cell.css) for cell in cells] for _, cells in found.rows]
    assert rows == [
        [(0, "u0"), (1, "u1"), (2, "endless")],
        [(1, "endless"), (2, "u8"), (3, "u2")],
    ]
    assert found.rows[1][1][2].text == "gradient of b, step 4: 4 ulp"
    assert [heat.css_of(ulp) for ulp in (1.0, 1.1, 4096, 4097)] == [
        "u1",
        "u2",
        "u7",
        "u8",
    ]


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.693, 0.6932, ["0.69300", "0.69305", "0.69310", "0.69315", "0.69320"]),
        (-3.0, 42.0, ["0", "10", "20", "30", "40"]),
        (0.0, 1e7, ["0", "2e+06", "4e+06", "6e+06", "8e+06", "1e+07"]),
    ],
)
def test_linear_axes_have_round_numbers(low, high, labels):
    assert [label for _, label in scales.nice(low, high)] == labels


@pytest.mark.parametrize("size", [1e-300, 1e-12, 1.0, 3.3, 7e10, 1e300])
def test_axes_of_any_size_have_a_few_ticks(size):
    axis = scales.linear([0.0, size])
    assert 3 <= len(axis.ticks("")) <= scales.TICKS
    labels = [tick.label for tick in axis.ticks("")]
    assert len(labels) == len(set(labels))
    assert 2 <= len(scales.logarithmic([size, size / 1e6 or size]).marks) <= 7


@pytest.mark.parametrize("values", [[-1e308, 1e308], [0.0, 0.0], [5.0], [-2.0], []])
def test_values_lie_within_the_axis(values):
    axis = scales.linear(values)
    assert all(0 <= axis.place(value).y <= 100 for value in values)
    assert all(0 <= tick.at <= 100 for tick in axis.ticks(""))


@pytest.mark.parametrize(
    ("steps", "labels"),
    [
        ([1], ["1"]),
        ([1, 2, 3], ["1", "2", "3"]),
        (range(1, 21), ["5", "10", "15", "20"]),
        (range(1, 2001), ["500", "1000", "1500", "2000"]),
        ([1, 101, 201], ["1"]),
    ],
)
def test_steps_are_marked_at_round_numbers(steps, labels):
    found = scales.step_ticks(list(steps), [0.0] * len(steps))
    assert [tick.label for tick in found] == labels


def test_many_steps_share_their_columns():
    steps = [plots.Step(i, 1.0, 1.0) for i in range(1, 1002)]
    plot = plots.loss_plot(steps)
    assert len(plot.columns) == 334 and not plot.dots
    assert sum(column.width for column in plot.columns) == pytest.approx(100)


def test_long_names_break_between_their_parts():
    assert breakable("a/b_c<d") == "a/<wbr>b_<wbr>c&lt;d"


def test_numbers():
    said = [number(v) for v in (None, math.nan, math.inf, -math.inf, 0.0, 1 / 3)]
    assert said == ["", "NaN", "∞", "-∞", "0", "0.333333333"]
    assert [power(e) for e in (-12, 0, 1, 3)] == ["10⁻¹²", "1", "10", "10³"]
    assert gap(math.inf, math.inf) == gap(math.nan, math.nan) == 0
    assert gap(math.nan, 1.0) == math.inf and gap(None, 1.0) is None


@pytest.mark.parametrize(("name", "status"), [("agreeing", 0), ("missing", 1)])
def test_the_command_writes_the_page(name, status, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command.builtin, "gather", lambda *_: ALL[name])
    file = tmp_path / "page.html"
    assert command.main(["--html", str(file)]) == status
    assert file.read_text(encoding="utf-8") == render(ALL[name])


def test_what_stands_in_the_way_is_said_before_the_comparison(
    tmp_path, monkeypatch, capsys
):
    assert page.refusal(tmp_path / "page.html") == ""
    assert command.main(["--html", str(tmp_path / "no" / "page.html")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert command.main(["--html", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert command.main(["script.py", "--html", str(tmp_path / "page.html")]) == 2
    assert "--html needs Jinja2" in capsys.readouterr().err
