"""Which environment takes an event, and what gives way for it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from jupyter_lambda.placement.assignment import Assignment, Environment, Site


@dataclass
class Place:
    name: str


@pytest.fixture
def assignment() -> Assignment[object]:
    table: Assignment[object] = Assignment()
    for name in ("a", "b"):
        table.add(Site(host=Place(name), threads=1, capacity_mb=1_000))
    return table


def enter(assignment, number, site, *, key="k", memory_mb=256, for_run=False):
    environment = Environment(
        number=number, key=key, site=assignment.sites[site], memory_mb=memory_mb, log_stream=""
    )
    assignment.enter(environment, for_run=for_run)
    return environment


def test_warm_gives_the_most_recently_used_of_the_key(assignment):
    first, second = enter(assignment, 1, "a"), enter(assignment, 2, "a")
    assignment.release(first, 1.0)
    assignment.release(second, 2.0)
    assert assignment.warm("k", for_run=False) is second


def test_warm_never_crosses_keys(assignment):
    assignment.release(enter(assignment, 1, "a", key="old"), 1.0)
    assert assignment.warm("new", for_run=False) is None


def test_warm_is_held_by_one_at_a_time(assignment):
    assignment.release(enter(assignment, 1, "a"), 1.0)
    assert assignment.warm("k", for_run=False) is not None
    assert assignment.warm("k", for_run=False) is None


def test_place_takes_the_least_busy_site(assignment):
    enter(assignment, 1, "a")
    assert assignment.place(256, for_run=False).site.host.name == "b"


def test_place_evicts_the_least_recently_used_and_no_more_than_needed(assignment):
    environments = [enter(assignment, n, "a", memory_mb=300) for n in (1, 2, 3)]
    for moment, environment in enumerate(environments):
        assignment.release(environment, float(moment))
    assignment.remove("b")
    placement = assignment.place(350, for_run=False)
    assert placement.evict == [environments[0]]


def test_place_has_nothing_when_all_memory_is_in_use(assignment):
    for number, site in enumerate(("a", "a", "b", "b")):
        enter(assignment, number, site, memory_mb=500)
    assert assignment.place(128, for_run=False) is None


def test_memory_stays_booked_until_the_exit_is_confirmed(assignment):
    environment = enter(assignment, 1, "a", memory_mb=900)
    assignment.begin_end(environment)
    assert assignment.sites["a"].free_mb == 100
    assignment.leave(environment)
    assert assignment.sites["a"].free_mb == 1_000


def test_runs_hold_at_most_one_environment_a_thread(assignment):
    enter(assignment, 1, "a", for_run=True)
    enter(assignment, 2, "b", for_run=True)
    assert assignment.place(128, for_run=True) is None
    assert assignment.place(128, for_run=False) is not None


def test_place_of_a_run_is_free_again_however_its_environment_ended(assignment):
    crashed, released = (
        enter(assignment, 1, "a", for_run=True),
        enter(assignment, 2, "b", for_run=True),
    )
    assignment.leave(crashed)
    assignment.release(crashed, 1.0)
    assignment.release(released, 1.0)
    assignment.leave(released)
    assert [site.run_reserved for site in assignment.sites.values()] == [0, 0]


def test_draining_site_takes_nothing_new(assignment):
    assignment.release(enter(assignment, 1, "a"), 1.0)
    assignment.sites["a"].draining = True
    assert assignment.warm("k", for_run=False) is None
    assert assignment.place(128, for_run=False).site.host.name == "b"


def test_environment_that_is_ending_is_not_given_out_again(assignment):
    environment = enter(assignment, 1, "a")
    assignment.begin_end(environment)
    assignment.release(environment, 1.0)
    assert assignment.warm("k", for_run=False) is None


def test_removed_site_leaves_no_environment_behind(assignment):
    assignment.release(enter(assignment, 1, "a"), 1.0)
    assignment.remove("a")
    assert assignment.warm("k", for_run=False) is None


def test_idle_ones_are_found_by_age_and_by_key(assignment):
    old, new = enter(assignment, 1, "a", key="old"), enter(assignment, 2, "a", key="new")
    assignment.release(old, 1.0)
    assignment.release(new, 5.0)
    assert assignment.idle_before(3.0) == [old]
    assert assignment.idle_of_other_keys({"new"}) == [old]
