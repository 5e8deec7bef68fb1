"""Which environment takes an event: a warm one of exactly this key, or a place for a new one.

Pure bookkeeping, no I/O. Placement goes by a ledger of configured memory per host, since Dask's
memory manager does not see a worker's grandchildren: an environment holds its function's
``memory_mb`` from its start until its exit is confirmed. Idle environments give way, least
recently used first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

TicketT = TypeVar("TicketT")


class Place(Protocol):
    """What assignment needs to know of a host."""

    name: str


@dataclass(eq=False, slots=True)
class Environment(Generic[TicketT]):
    """One execution environment as the service sees it.

    ``key`` names function, version and configuration at once (the revision id), so that an
    environment is never shared between two of them.
    """

    number: int
    key: str
    site: Site[TicketT]
    memory_mb: int
    log_stream: str
    inflight: deque[TicketT] = field(default_factory=deque)
    ready: bool = False
    """It has been initialised, so an event that it gives back says nothing against the function."""
    init_us: int | None = None
    """Measured INIT, until the first result takes it: INIT is billed once."""
    reserved: bool = False
    """Held by a run or an invocation; not to be given to another."""
    for_run: bool = False
    """It is a run that holds it, and so takes one of the site's places for runs."""
    window: int = 1
    idle_since_s: float = 0.0
    ending: bool = False


@dataclass(eq=False, slots=True)
class Site(Generic[TicketT]):
    """A host with its ledger."""

    host: Place
    threads: int
    capacity_mb: int
    environments: dict[int, Environment[TicketT]] = field(default_factory=dict)
    run_reserved: int = 0
    """Environments held by runs; at most ``threads``."""
    draining: bool = False

    @property
    def free_mb(self) -> int:
        return self.capacity_mb - sum(e.memory_mb for e in self.environments.values())

    @property
    def busy(self) -> int:
        return sum(1 for e in self.environments.values() if e.reserved)


@dataclass(frozen=True, slots=True)
class Placement(Generic[TicketT]):
    """A site with room for a new environment, once the idle ones named have been ended."""

    site: Site[TicketT]
    evict: list[Environment[TicketT]]


class Assignment(Generic[TicketT]):
    """The table of sites and environments."""

    def __init__(self) -> None:
        self.sites: dict[str, Site[TicketT]] = {}
        self._idle: dict[str, list[Environment[TicketT]]] = {}

    def add(self, site: Site[TicketT]) -> None:
        self.sites[site.host.name] = site

    def remove(self, name: str) -> Site[TicketT] | None:
        site = self.sites.pop(name, None)
        if site is not None:
            for environment in site.environments.values():
                self._forget_idle(environment)
        return site

    def warm(self, key: str, *, for_run: bool) -> Environment[TicketT] | None:
        """Take an idle environment of the key, the most recently used first."""
        shelf = self._idle.get(key, [])
        for position in range(len(shelf) - 1, -1, -1):
            environment = shelf[position]
            if self._admits(environment.site, for_run=for_run):
                del shelf[position]
                self._hold(environment, for_run=for_run)
                return environment
        return None

    def place(self, memory_mb: int, *, for_run: bool) -> Placement[TicketT] | None:
        """The least busy site with room for ``memory_mb``, with what must be evicted first."""
        candidates = [s for s in self.sites.values() if self._admits(s, for_run=for_run)]
        candidates.sort(key=lambda site: (site.busy / site.threads, -site.free_mb))
        for site in candidates:
            evict = self._make_room(site, memory_mb)
            if evict is not None:
                return Placement(site, evict)
        return None

    def enter(self, environment: Environment[TicketT], *, for_run: bool) -> None:
        """A new environment has been asked for; it is held by whoever asked."""
        environment.site.environments[environment.number] = environment
        self._hold(environment, for_run=for_run)

    def release(self, environment: Environment[TicketT], now_s: float) -> None:
        """Its holder is done with it: warm for the next one, unless it is ending."""
        self._let_go(environment)
        environment.idle_since_s = now_s
        if not environment.ending:
            self._idle.setdefault(environment.key, []).append(environment)

    def begin_end(self, environment: Environment[TicketT]) -> None:
        """It is to end: no event any more; its memory stays booked until ``leave``."""
        environment.ending = True
        self._forget_idle(environment)

    def leave(self, environment: Environment[TicketT]) -> None:
        """Its exit is confirmed."""
        environment.ending = True
        self._let_go(environment)
        self._forget_idle(environment)
        environment.site.environments.pop(environment.number, None)

    def idle_before(self, moment_s: float) -> list[Environment[TicketT]]:
        return [e for shelf in self._idle.values() for e in shelf if e.idle_since_s < moment_s]

    def idle_of_other_keys(self, keys: set[str]) -> list[Environment[TicketT]]:
        """Idle environments of revisions that nobody can invoke any more."""
        return [e for key, shelf in self._idle.items() if key not in keys for e in shelf]

    def largest_site_mb(self) -> int:
        return max((site.capacity_mb for site in self.sites.values()), default=0)

    def _hold(self, environment: Environment[TicketT], *, for_run: bool) -> None:
        environment.reserved = True
        environment.for_run = for_run
        environment.site.run_reserved += for_run

    @staticmethod
    def _let_go(environment: Environment[TicketT]) -> None:
        """Whoever comes first, its holder or its end; the second finds nothing to do."""
        if environment.reserved:
            environment.reserved = False
            environment.site.run_reserved -= environment.for_run

    @staticmethod
    def _admits(site: Site[TicketT], *, for_run: bool) -> bool:
        return not site.draining and not (for_run and site.run_reserved >= site.threads)

    def _make_room(self, site: Site[TicketT], memory_mb: int) -> list[Environment[TicketT]] | None:
        missing_mb = memory_mb - site.free_mb
        evict: list[Environment[TicketT]] = []
        idle = [e for e in site.environments.values() if not e.reserved and not e.ending]
        for environment in sorted(idle, key=lambda e: e.idle_since_s):
            if missing_mb <= 0:
                break
            evict.append(environment)
            missing_mb -= environment.memory_mb
        return evict if missing_mb <= 0 else None

    def _forget_idle(self, environment: Environment[TicketT]) -> None:
        shelf = self._idle.get(environment.key)
        if shelf is not None and environment in shelf:
            shelf.remove(environment)
        if shelf == []:
            del self._idle[environment.key]
