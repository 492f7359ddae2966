"""Publishes and a delivery worker that die at random, and what is wrong with what they leave."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carriers import LEASE_S, Carriers
from carriers import POINTS as OUTBOX_POINTS
from done_jobs import staged
from publish_farm import Farm
from sqlalchemy import select

from shotmill.pipeline.publish.faults import POINTS
from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.store import Database
from shotmill.schema.states import VersionState
from shotmill.schema.tables import Delivery, Event, Product, Version

REGISTER = POINTS[POINTS.index("register:before") : POINTS.index("report:written")]
AT_A_TIME = 4
BY_THE_CLOCK = "by the clock"
STAGES = ("publish", "register", "deliver", BY_THE_CLOCK)


class Rounds:
    """A delivery worker that is started anew each time, later than the last one's lease."""

    def __init__(self, carriers: Carriers, farm: Farm) -> None:
        self._carriers, self._farm = carriers, farm
        self._began = time.time()
        self._started = 0

    def start(self, fate: str | float) -> None:
        """Start it; ``fate`` is where it dies, see ``carrier``."""
        self._started += 1
        home, ahead_s = str(self._farm.home), 2 * LEASE_S * self._started
        self._carriers.ask("w", home, self._farm.url, self._began, ahead_s, 1, LEASE_S, fate, 0, self._started)

    def end(self) -> int:
        """How it ended."""
        code = self._carriers.end_of("w")
        assert code in {0, -9}
        return code


class Trial:
    """Publishes of some jobs at a time and a worker beside them, all of which die again and again.

    Attributes:
        deaths: how often, and in which stage.
        done: product and number of each job that was published, as its last run said.
    """

    def __init__(self, farm: Farm, rounds: Rounds, dice: random.Random) -> None:
        self.farm, self.rounds, self.dice = farm, rounds, dice
        self.deaths: Counter[str] = Counter()
        self.done: list[tuple[str, int]] = []
        self._broken: set[Path] = set()
        self._seen: set[Path] = set()
        self._open: list[tuple[str, Path, int]] = []  # product, job, deaths to come

    def step(self) -> None:
        """One publish, which dies or is the last of its job, and one worker meanwhile, which mostly dies."""
        while len(self._open) < AT_A_TIME:
            self._begin()
        product, job, left = self._open.pop(self.dice.randrange(AT_A_TIME))
        self.rounds.start(self._fate_of_worker())
        if left:
            self._kill(job)
            self._open.append((product, job, left - 1))
        else:
            self._complete(product, job)
        self.deaths["deliver"] += self.rounds.end() == -9
        self._look()

    def finish(self) -> None:
        """Let what is left be done, and told."""
        for product, job, _ in self._open:
            self._complete(product, job)
        self.rounds.start("-")
        assert self.rounds.end() == 0
        self._look()

    def _begin(self) -> None:
        product = f"comp{self.dice.randrange(3)}"
        name = f"job{len(self.done) + len(self._open)}"
        job = self.farm.job(name, product=product, size=self.dice.choice([10, 2000, 50_000]))
        self._open.append((product, job, self.dice.randint(1, 5)))

    def _kill(self, job: Path) -> None:
        if self.dice.random() < 0.3:
            stage = BY_THE_CLOCK
            code, said = self.farm.run(job, seconds=self.dice.uniform(0.005, 0.15))
        else:
            point = self.dice.choice(POINTS)
            stage = "register" if point in REGISTER else "publish"
            code, said = self.farm.run(job, point, self.dice.choice([1, 1, 1, 1, 1, 1, 2, 3]))
        assert code in {0, -9}, said
        self.deaths[stage] += code == -9

    def _complete(self, product: str, job: Path) -> None:
        code, said = self.farm.run(job)
        assert code == 0, said
        self.done.append((product, int(said.removeprefix("published v"))))

    def _fate_of_worker(self) -> str | float:
        chance = self.dice.random()
        if chance < 0.3:
            return "-"
        return self.dice.choice(OUTBOX_POINTS) if chance < 0.85 else self.dice.uniform(0.005, 0.1)

    def _look(self) -> None:
        """What appeared since the last look is whole, whoever died in the middle of it."""
        for folder in set(self._folders()) - self._seen:
            self._seen.add(folder)
            if verify_folder(folder).problems:
                self._broken.add(folder)

    def _folders(self) -> list[Path]:
        return [path for path in version_folders(self.farm.home / "projects") if ".staging" not in path.parts]

    def wrong(self, database: Database, facts: list[str]) -> dict[str, int]:
        """How much is not as it must be.

        Args:
            database: of the publishes.
            facts: what the tracker was told, each as often as it was.
        """
        with database.read() as connection:
            columns = (Product.name, Version.number, Version.id, Version.state)
            rows = connection.execute(select(*columns).where(Version.product_id == Product.id)).all()
            letters = Counter(connection.scalars(select(Delivery.version_id)))
            audited = Counter(connection.scalars(select(Event.subject).where(Event.verb == "publish")))
        there = Counter((row.name, row.number) for row in rows if row.state is VersionState.PUBLISHED)
        on_disk = Counter((path.parent.name, int(path.name[1:])) for path in self._folders())
        once = Counter(self.done)
        told = Counter(facts)
        wanted = Counter(f"version:{row.id}" for row in rows)
        subjects = Counter(f"demo:sq010/sh010/{name}@v{number:03d}" for name, number in self.done)
        pairs = (  # what is found, what must be
            (there, once),
            (on_disk, once),
            (told, wanted),
            (letters, Counter(row.id for row in rows)),
            (audited, subjects),
        )
        self._broken |= {folder for folder in self._folders() if verify_folder(folder).problems}
        halves = sum(row.state is not VersionState.PUBLISHED for row in rows)
        return {
            "lost": sum(_beyond(right, found) for found, right in pairs),
            "duplicate": sum(_beyond(found, right) for found, right in pairs) + len(self.done) - len(set(self.done)),
            "gap": _gaps(self.done),
            "partial": len(self._broken) + halves + len(staged(self.farm.home / "projects")),
        }

    def line(self, wrong: Mapping[str, int]) -> str:
        """All of it in one line."""
        stages = ", ".join(f"{self.deaths[stage]} {stage}" for stage in STAGES)
        found = ", ".join(f"{count} {what}" for what, count in wrong.items())
        return f"{self.deaths.total()} kills ({stages}), {len(self.done)} publishes: {found}"


def _beyond(one: Counter[Any], other: Counter[Any]) -> int:
    """How much more there is of one than of the other."""
    return (one - other).total()


def _gaps(numbered: list[tuple[str, int]]) -> int:
    """Numbers that are missing below the highest of each product."""
    highest: dict[str, int] = {}
    for product, number in numbered:
        highest[product] = max(number, highest.get(product, 0))
    return sum(highest.values()) - len(set(numbered))
