"""The HTML report in headless Chromium: what a person sees there. Runs in the tox environment `browser` alone.

Needs the Debian packages chromium and chromium-driver.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from tests.conformance.test_reports import MIXED

from acs_chat_conformance import Report, check
from acs_chat_conformance.reports import write

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser with a profile of its own."""
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    chrome = Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield chrome
    chrome.quit()


def opened(browser: Chrome, tmp_path: Path, report: Report) -> Chrome:
    """Opens the page of a report."""
    write(report, tmp_path / "report.html")
    browser.get((tmp_path / "report.html").as_uri())
    return browser


@pytest.fixture(scope="module")
def report() -> Report:
    """A whole run of ours."""
    return check("ours")


def test_the_matrix_has_a_row_for_each_operation_of_each_contract(
    browser: Chrome, tmp_path: Path, report: Report
) -> None:
    """Every cell is seen, and one that nothing has shown is of another colour than one that was shown."""
    page = opened(browser, tmp_path, report)
    matrices = page.find_elements(By.CSS_SELECTOR, "table.coverage")
    assert len(matrices) == 2
    for matrix in matrices:
        rows = matrix.find_elements(By.CSS_SELECTOR, "tbody tr")
        assert len(rows) == 16
        assert all(row.is_displayed() for row in rows)
    colors = {
        state: page.find_element(By.CSS_SELECTOR, f".coverage td.{state}").value_of_css_property("color")
        for state in ("passed", "known", "none")
    }
    assert len(set(colors.values())) == 3


def test_a_failure_unfolds(browser: Chrome, tmp_path: Path) -> None:
    """What was wanted and what was got is hidden until somebody asks for it."""
    page = opened(browser, tmp_path, MIXED)
    fold = page.find_element(By.TAG_NAME, "details")
    told = fold.find_element(By.TAG_NAME, "pre")
    assert not told.is_displayed()
    fold.find_element(By.TAG_NAME, "summary").click()
    assert told.is_displayed()
    assert "/value" in told.text


def test_content_is_text(browser: Chrome, tmp_path: Path) -> None:
    """A script in what came over the wire is shown, not run; the page asks for nothing and complains of nothing."""
    page = opened(browser, tmp_path, MIXED)
    assert page.execute_script("return document.scripts.length") == 0
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert page.get_log("browser") == []
    page.find_element(By.TAG_NAME, "summary").click()
    assert "<script>alert(1)</script>" in page.find_element(By.TAG_NAME, "pre").text


def test_a_narrow_window_scrolls_the_tables_alone(browser: Chrome, tmp_path: Path, report: Report) -> None:
    """On a telephone the page itself is no wider than the window."""
    browser.set_window_size(500, 800)
    page = opened(browser, tmp_path, report)
    assert page.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
