"""What is so in the made-up county: who founded what, who works where, who received what.

No form and no database here. The books (`books.py`) are kept on these objects alone; the records are filled
in from the same objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

COUNTY = "140521"
REF_YEAR = 2020
TEAM = ("an", "bo", "chen")
RETURNEE, LOCAL, INCOMER, SHORT, UNKNOWN = "returnee", "local", "incomer", "returnee_short", "unknown"
RECEIVED = "received"
INSTRUMENTS = (
    "tax",
    "guarantee_loan",
    "training",
    "bonus",
    "rent",
    "platform",
    "social_insurance",
    "consulting",
    "model",
)


@dataclass(frozen=True)
class Village:
    """A village of the list, and who goes there."""

    code: str
    township: str
    road: str
    latitude: float
    longitude: float
    enumerator: str


@dataclass
class Founder:
    """A person in a business. `key` names the person; `phone` is what was written down, or nothing."""

    key: str
    name: str
    phone: str
    kind: str
    sex: str
    birth_year: int
    return_year: int


@dataclass
class Unit:
    """A thing that becomes a record.

    `fate`: `kept`, `deleted`, `conflict` (one answer changed in two places) or `merged` (different answers
    were); the other place is that of `fate_with`. `uid` and `record` are given by who fills the record in.
    """

    village: Village
    enumerator: str
    fate: str = "kept"
    fate_with: str = ""
    uid: str = ""
    record: str = ""


@dataclass
class Visit(Unit):
    """An attempt to record a village."""

    disposition: str = "complete"
    day: int = 1
    population: int = 800
    founders: int = 0


@dataclass
class Business(Unit):
    """A business, or an attempt to record one. `double_of`: what this is a second record of."""

    name: str = ""
    activity: str = ""
    trade: str = ""
    founders: list[Founder] = field(default_factory=list)
    start_year: int = 2018
    status: str = "operating"
    disposition: str = "complete"
    publish: bool = True
    double_of: Business | None = None
    cause: str = ""

    @property
    def answered(self) -> bool:
        """Somebody answered: the record holds more than the attempt."""
        return self.disposition in ("complete", "partial")

    @property
    def of_returnees(self) -> bool:
        """Begun by the end of the data year, with somebody who came home."""
        return self.start_year <= REF_YEAR and any(one.kind == RETURNEE for one in self.founders)


@dataclass
class Inn(Unit):
    """An inn; `business` runs it where it is recorded as one too."""

    name: str = ""
    business: Business | None = None
    status: str = "operating"
    opened: int = 2018
    road: str = "taihang_no1"
    rooms: int = 5
    disposition: str = "complete"
    publish: bool = True


@dataclass
class Job(Unit):
    """A line of jobs. `employer` is None for public posts and for employers that are not recorded."""

    employer: Business | Inn | None = None
    kind: str = "returnee_business"
    work: str = ""
    terms: str = "employee_permanent"
    heads: int = 1
    women: int = 0
    migrant: int = 0
    near: int = 0
    months: int = 12


@dataclass
class Support(Unit):
    """An item of support. `to` is a business, an inn, or None for a person."""

    to: Business | Inn | None = None
    instrument: str = "tax"
    status: str = RECEIVED
    year: int = 2020
    amount: int = 5000


@dataclass
class Event(Unit):
    """A training, competition or recognition, reported as a whole or for a village."""

    kind: str = "training"
    code: str = ""
    name: str = ""
    scope: str = "whole"
    level: str = "county"
    enrolled: int = 0
    completed: int = 0
    first: int = 0


@dataclass
class Story(Unit):
    """Somebody's story."""

    about: Business | None = None
    title: str = ""
    teller: str = ""
    publish: str = "yes"


@dataclass
class World:
    """Everything, in the order in which it is recorded."""

    villages: list[Village]
    visits: list[Visit] = field(default_factory=list)
    businesses: list[Business] = field(default_factory=list)
    inns: list[Inn] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    supports: list[Support] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)

    def units(self) -> list[Unit]:
        """All records to be, employers before what hangs on them."""
        parts: Sequence[Sequence[Unit]] = (
            *(self.visits, self.businesses, self.inns, self.jobs),
            *(self.supports, self.events, self.stories),
        )
        return [unit for part in parts for unit in part]
