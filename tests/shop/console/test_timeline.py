"""The timeline: bounded, in order, and everybody's own."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from app.shop.console.entries import Entry, Fact, Kind
from app.shop.console.timeline import LIMIT, Timeline

PAGE = Fact(Kind.PAGE, "GET /cart")
CALL = Fact(Kind.API, "create session")


def ids(entries: list[Entry]) -> list[int]:
    return [entry.id for entry in entries]


def test_the_oldest_leave_when_there_are_more_than_ten_thousand() -> None:
    timeline = Timeline()
    for _ in range(LIMIT + 7):
        timeline.write(PAGE, "anna")
    assert LIMIT == 10_000
    assert ids(timeline.after(0, "anna")) == list(range(8, LIMIT + 8))


def test_what_changed_since_comes_in_the_order_of_the_changes() -> None:
    timeline = Timeline()
    first, second = timeline.write(PAGE, "anna"), timeline.write(CALL, "anna")
    seen = timeline.after(0, "anna")[-1].revision
    timeline.finish(first, replace(PAGE, status=200))
    (changed,) = timeline.after(seen, "anna")
    assert (changed.id, changed.fact.status) == (first.id, 200)
    assert ids(timeline.after(0, "anna")) == [second.id, first.id]
    assert timeline.after(changed.revision, "anna") == []


def test_of_many_changes_the_oldest_come_first() -> None:
    timeline = Timeline()
    for _ in range(9):
        timeline.write(PAGE, "anna")
    assert ids(timeline.after(0, "anna", most=4)) == [1, 2, 3, 4]


def test_visitors_do_not_see_each_others_and_all_see_the_shops_own() -> None:
    timeline = Timeline()
    annas, bens, shops = (timeline.write(PAGE, who) for who in ("anna", "ben", ""))
    assert ids(timeline.after(0, "anna")) == [annas.id, shops.id]
    assert timeline.find(bens.id, "anna") is None
    assert timeline.find(shops.id, "anna") == shops


def test_who_forgets_sees_nothing_and_the_others_all_they_saw() -> None:
    timeline = Timeline()
    annas, bens, shops = (timeline.write(PAGE, who) for who in ("anna", "ben", ""))
    timeline.forget("anna")
    assert timeline.after(0, "anna") == []
    assert timeline.find(shops.id, "anna") is None
    assert ids(timeline.after(0, "ben")) == [bens.id, shops.id]
    timeline.finish(annas, replace(PAGE, status=200))
    assert timeline.after(0, "anna") == []
    later = timeline.write(CALL, "")
    assert ids(timeline.after(0, "anna")) == [later.id]


def test_the_previous_one_is_of_the_same_kind_and_the_same_visitor() -> None:
    timeline = Timeline()
    first = timeline.write(CALL, "anna")
    timeline.write(CALL, "ben")
    timeline.write(Fact(Kind.API, "update session"), "anna")
    second = timeline.write(CALL, "anna")
    assert timeline.previous(second) == first
    assert timeline.previous(first) is None


def test_a_call_under_way_is_found_by_its_id_until_it_ends() -> None:
    timeline = Timeline()
    begun = timeline.write(replace(CALL, correlation_id="k"), "anna")
    assert timeline.under_way("anna", "k") == begun
    assert timeline.under_way("ben", "k") is None
    timeline.finish(begun, replace(begun.fact, seconds=0.1))
    assert timeline.under_way("anna", "k") is None


def test_many_threads_write_at_once_and_nothing_is_lost() -> None:
    timeline = Timeline()
    with ThreadPoolExecutor(16) as threads:
        written = list(threads.map(lambda _: timeline.write(PAGE, "anna").id, range(500)))
    assert sorted(written) == ids(timeline.after(0, "anna"))


def test_the_timeline_of_another_process_has_another_name() -> None:
    assert Timeline().name != Timeline().name
