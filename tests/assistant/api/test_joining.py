"""A page's files in one: what needs what, names that meet, and the forms that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import ui
from assistant.api import joining

FOLDER = Path(ui.__file__).parent
PAGES = ["panel/panel", "console/console", "overlay/overlay", "demo_room/demo"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("page", "shared"):
        (tmp_path / name).mkdir()
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_", "/", 1)).with_suffix(".js").write_text(text)


def test_a_module_comes_once_and_after_what_it_needs(folder: Path) -> None:
    write(
        folder,
        shared_one='export const ONE = 1;\nconst own = "x";\n',
        shared_two='import { ONE } from "./one.js";\n\nexport class Two {\n  one = ONE;\n}\n',
        page_page='import { ONE } from "../shared/one.js";\n'
        'import {\n  Two as Second,\n} from "../shared/two.js";\n\nSecond(ONE);\n',
    )
    assert joining.script(folder / "page" / "page.js") == (
        "const module0 = (() => { // ../shared/one.js\n"
        'const ONE = 1;\nconst own = "x";\nreturn { ONE };\n})();\n'
        "const module1 = (() => { // ../shared/two.js\n"
        "const { ONE } = module0;\n\nclass Two {\n  one = ONE;\n}\nreturn { Two };\n})();\n"
        "const { ONE } = module0;\nconst {\n  Two: Second,\n} = module1;\n\nSecond(ONE);\n"
    )


def test_a_module_knows_where_it_stood(folder: Path) -> None:
    write(
        folder,
        shared_one='export const URL_ = new URL("a.svg", import.meta.url);\n',
        page_page='import { URL_ } from "../shared/one.js";\n',
    )
    joined = joining.script(folder / "page" / "page.js")
    assert 'new URL("a.svg", new URL("../shared/one.js", import.meta.url))' in joined


@pytest.mark.parametrize(
    "text",
    [
        'import one from "./one.js";\n',
        'import "./one.js";\n',
        'export * from "./one.js";\n',
        "export default 1;\n",
        "const a = 1;\nexport { a };\n",
    ],
)
def test_another_form_is_refused_by_its_line(folder: Path, text: str) -> None:
    write(folder, page_one="", page_page=text)
    with pytest.raises(ValueError, match=r"page\.js.*form"):
        joining.script(folder / "page" / "page.js")


def test_modules_that_need_each_other_are_refused(folder: Path) -> None:
    write(
        folder,
        page_one='import { b } from "./page.js";\nexport const a = 1;\n',
        page_page='import { a } from "./one.js";\nexport const b = 1;\n',
    )
    with pytest.raises(ValueError, match=r"page\.js: imports itself by way of .*one\.js"):
        joining.script(folder / "page" / "page.js")


def test_a_style_sheet_has_what_it_imports_first(folder: Path) -> None:
    (folder / "shared" / "base.css").write_text("a { color: red; }\n")
    sheet = folder / "page" / "page.css"
    sheet.write_text('@import "../shared/base.css";\n\nb { color: blue; }\n')
    assert joining.style(sheet) == "a { color: red; }\n\nb { color: blue; }\n"


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_a_page_is_left_to_be_fetched(page: str) -> None:
    joined = joining.script(FOLDER / f"{page}.js")
    assert 'from "' not in joined.replace('import("', "")
    assert joining.style(FOLDER / f"{page}.css").count("@import") == 0
