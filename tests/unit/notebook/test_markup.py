from __future__ import annotations

from jupyter_lambda.notebook.markup import Html, Tone, code, element, folded, join, toned


def test_element_escapes_text_and_keeps_markup() -> None:
    inner = element("b", "<script>")
    assert inner == "<b>&lt;script&gt;</b>"
    assert element("p", "a & b ", inner) == "<p>a &amp; b <b>&lt;script&gt;</b></p>"


def test_element_escapes_attributes() -> None:
    assert element("td", title='"><script>') == '<td title="&quot;&gt;&lt;script&gt;"></td>'


def test_toned_text_has_a_colour_only_when_it_means_something() -> None:
    assert toned("fine", Tone.PLAIN) == "fine"
    assert "var(--jp-error-color1,#d32f2f)" in toned("failed", Tone.BAD)


def test_folded_content_can_start_open() -> None:
    assert folded("more", Html("x")).startswith("<details style")
    assert folded("more", Html("x"), unfolded=True).startswith("<details open")


def test_join_and_code_are_safe_by_default() -> None:
    assert join("<", Html("<br>")) == "&lt;<br>"
    assert "&lt;" in code("<")
