"""National register numbers are found wherever they hide, and nothing else is taken for one."""

import pytest

from vault.numbers import holds_national_number


@pytest.mark.parametrize(
    "text",
    [
        "85073003328",
        "85.07.30-033.28",
        "85 07 30 033 28",
        "850730-033-28",
        "850730 033 28",
        "85/07/30/033/28",
        "85.07.30–033.28",
        "85\u00a007\u00a030\u00a0033\u00a028",
        "8507 3003 328",
        "8-5-0-7-3-0-0-3-3-2-8",
        "850 730 033 28",
        "numéro 85.07.30-033.28, merci",
        "0999.999.922 85.07.30-033.28",
        "AR-2026-004821-1 85073003328",
        "(85073003328)",
        "85073003329",  # wrong check digits, but written as a number
    ],
)
def test_a_number_is_found(text: str) -> None:
    assert holds_national_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Boulangerie Dubois SRL (0999.999.922)",
        "AR-2026-004821-1",
        "AR-2026-004821-12",
        "CA-2026-000217",
        "2026-11-21",
        "2026-11-21 - 2027-12-31",
        "2026-11-21T14:05:00+01:00",
        "21/11/2026 14:05",
        "018f3c1e5a7b4c2d9e8f0a1b2c3d4e5f",
        "12345678901234",
        "8507300332",
        "••.••.••-•••.28",
    ],
)
def test_other_figures_are_left_alone(text: str) -> None:
    assert not holds_national_number(text)


def test_every_reference_of_a_year_is_left_alone() -> None:
    assert not any(holds_national_number(f"AR-2026-{n:06d}-{m}") for n in range(5_000) for m in (1, 9, 12))
