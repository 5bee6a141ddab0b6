"""The generator's own books: what a release of some field databases must say, from the world alone.

Nothing here reads a record, a table or a release, so that the books can disagree with them. Definitions are
those of `forms/library/indicators.csv`. A record that two people changed differently waits for a supervisor
and is not counted.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .world import COUNTY, RECEIVED, REF_YEAR, RETURNEE, TEAM, Business, Inn, Job, Support, Unit, World

OPEN = ("operating", "seasonal")
LEAST = {"I01": 5, "I02": 10, "I02b": 5, "I08b": 3, "I18": 5, "I25": 0}
"""Contributors below which a figure is withheld; I25 is public. No made-up employer has half of the jobs."""


def counted(unit: Unit, team: Collection[str]) -> bool:
    """The record is there, not taken back, not in conflict, and what it hangs on is so too."""
    if unit.enumerator not in team or unit.fate == "deleted":
        return False
    if unit.fate == "conflict" and unit.fate_with in team:
        return False
    leans = unit.employer if isinstance(unit, Job) else unit.to if isinstance(unit, Support) else None
    return leans is None or counted(leans, team)


def businesses(world: World, team: Collection[str]) -> list[Business]:
    """Businesses that somebody answered for."""
    return [one for one in world.businesses if one.answered and counted(one, team)]


def founders(world: World, team: Collection[str]) -> tuple[int, int]:
    """(as the records tell, as it is) returnees who founded a business by the year's end.

    The records tell people apart by their telephone numbers alone: a wrong or missing one makes two.
    """
    told: set[str] = set()
    unknown = 0
    real: set[str] = set()
    for one in businesses(world, team):
        for founder in one.founders if one.start_year <= REF_YEAR else ():
            if founder.kind == RETURNEE:
                real.add(founder.key)
                told |= {founder.phone} if founder.phone else set()
                unknown += not founder.phone
    return len(told) + unknown, len(real)


def returnee_jobs(world: World, team: Collection[str]) -> list[Job]:
    """Job lines of businesses of returnees, the founders' own left out."""
    return [
        job
        for job in world.jobs
        if counted(job, team)
        and isinstance(job.employer, Business)
        and job.employer.answered
        and job.employer.of_returnees
        and job.terms != "founder_self"
    ]


def beneficiaries(world: World, team: Collection[str]) -> dict[str, int]:
    """Businesses, inns and people that received a kind of support, each once."""
    found: dict[str, set[int]] = {}
    for item in world.supports:
        if item.status == RECEIVED and counted(item, team):
            found.setdefault(item.instrument, set()).add(id(item.to or item))
    return {instrument: len(who) for instrument, who in sorted(found.items())}


def open_inns(world: World, team: Collection[str]) -> list[Inn]:
    """Inns along a named road that were open by the end of the data year."""
    return [
        inn
        for inn in world.inns
        if counted(inn, team) and inn.status in OPEN and inn.opened <= REF_YEAR and inn.road != "none"
    ]


def figures(world: World, team: Collection[str]) -> dict[str, Any]:
    """Figures of the county: indicator -> value, or breakdown -> value."""
    told, real = founders(world, team)
    jobs = returnee_jobs(world, team)
    near = [job for job in world.jobs if counted(job, team) and job.terms != "founder_self"]
    trained = [
        event
        for event in world.events
        if counted(event, team) and event.scope == "whole" and event.code.startswith(f"TR{REF_YEAR}-")
    ]
    return {
        "I01": told,
        "I01_true": real,
        "I02": sum(job.heads for job in jobs),
        "I02_contributors": len({id(job.employer) for job in jobs if job.heads}),
        "I02b": sum(job.near for job in near),
        "I08b": len(open_inns(world, team)),
        "I18": beneficiaries(world, team),
        "I25": sum(event.first for event in trained),
    }


def books(world: World) -> dict[str, Any]:
    """What a test or a reader compares with a release: figures by the databases merged, and troubles."""
    stages = {"+".join(TEAM[:number]): figures(world, TEAM[:number]) for number in range(1, len(TEAM) + 1)}
    units = world.units()
    return {
        "county": COUNTY,
        "ref_year": REF_YEAR,
        "least": LEAST,
        "figures": stages,
        "records": len(units),
        "conflicts": sorted(unit.record for unit in units if unit.fate == "conflict"),
        "merged_edits": sorted(unit.record for unit in units if unit.fate == "merged"),
        "deleted": sorted(unit.record for unit in units if unit.fate == "deleted"),
        "doubles": [
            {"record": one.record, "double_of": one.double_of.record, "cause": one.cause}
            for one in world.businesses
            if one.double_of is not None
        ],
    }
