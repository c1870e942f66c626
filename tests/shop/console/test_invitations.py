"""A link to a demo account: signed, for minutes, once, and of one process."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.shop.console.invitations import LASTS, Invitation, InvitationOver, Invitations

ANNA = Invitation("demo-anna@example.com", "DE")


def test_it_says_whom_it_is_for_as_often_as_it_is_read_and_is_taken_once() -> None:
    invitations = Invitations()
    link = invitations.sealed(ANNA)
    assert [invitations.read(link), invitations.read(link), invitations.take(link)] == [ANNA] * 3
    for ask in (invitations.read, invitations.take):
        with pytest.raises(InvitationOver):
            ask(link)


def test_every_link_is_another_one() -> None:
    invitations = Invitations()
    first, second = invitations.sealed(ANNA), invitations.sealed(ANNA)
    invitations.take(first)
    assert invitations.take(second) == ANNA


def test_it_ends_by_itself_after_minutes() -> None:
    assert 60 <= LASTS <= 15 * 60
    over = Invitations(lasts=-1)
    with pytest.raises(InvitationOver):
        over.take(over.sealed(ANNA))


def test_it_is_of_one_process() -> None:
    with pytest.raises(InvitationOver):
        Invitations().take(Invitations().sealed(ANNA))


@pytest.mark.parametrize("place", [0, 5, 40, -1])
def test_whatever_is_changed_about_it_ends_it(place: int) -> None:
    invitations = Invitations()
    link = invitations.sealed(ANNA)
    changed = list(link)
    changed[place] = "A" if changed[place] != "A" else "Q"
    for odd in ("".join(changed), link[:-1], link + "x", "", ".", link.split(".")[0]):
        with pytest.raises(InvitationOver):
            invitations.take(odd)


def test_of_many_who_take_it_at_once_one_gets_it() -> None:
    invitations = Invitations()
    link = invitations.sealed(ANNA)

    def got(_: int) -> bool:
        try:
            return invitations.take(link) == ANNA
        except InvitationOver:
            return False

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(got, range(64))) == 1
