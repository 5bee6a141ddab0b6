"""Makes the world of the demonstration by chance from a seed: the same seed and scale, the same world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from . import names
from .world import (
    COUNTY,
    INCOMER,
    INSTRUMENTS,
    LOCAL,
    RECEIVED,
    REF_YEAR,
    RETURNEE,
    SHORT,
    TEAM,
    UNKNOWN,
    Business,
    Event,
    Founder,
    Inn,
    Job,
    Story,
    Support,
    Unit,
    Village,
    Visit,
    World,
)


def villages(rows: Sequence[Mapping[str, str]], scale: str) -> list[Village]:
    """The villages of the county with their enumerators: neighbours go to one person."""
    here = sorted((row for row in rows if row["county"] == COUNTY), key=lambda row: row["name"])
    chosen = here[: len(TEAM)] if scale == "village" else here
    share = -(-len(chosen) // len(TEAM))
    return [
        Village(
            row["name"],
            row["township"],
            row["tourist_road"],
            float(row["latitude"]),
            float(row["longitude"]),
            TEAM[place // share],
        )
        for place, row in enumerate(chosen)
    ]


class Maker:
    """Makes a world by chance from a seed; the same seed and scale give the same world."""

    def __init__(self, rows: Sequence[Mapping[str, str]], scale: str, seed: int) -> None:
        self.rng = Random(f"{seed} {scale}")  # noqa: S311 - reproducible examples, not secrets
        self.world = World(villages(rows, scale))
        self.people = 0

    def make(self) -> World:
        """The whole world."""
        for place, village in enumerate(self.world.villages):
            self.village(place, village)
        self.serial_founders()
        self.doubles(20 if len(self.world.villages) > len(TEAM) else 3)
        self.events()
        self.troubles()
        return self.world

    def founder(self, kind: str) -> Founder:
        """A new person."""
        self.people += 1
        rng = self.rng
        return Founder(
            key=f"p{self.people}",
            name=names.person(rng),
            phone=names.phone(self.people),
            kind=kind,
            sex=rng.choice(("female", "male", "male")),
            birth_year=rng.randint(1962, 1996),
            return_year=rng.randint(2012, 2020),
        )

    def village(self, place: int, village: Village) -> None:
        """A village: its visit, four businesses on average, an inn or two, and what hangs on them."""
        rng, world = self.rng, self.world
        who = village.enumerator
        # Every eighth village was begun and finished on a second day; one said no at first.
        if place % 8 == 3:
            world.visits.append(
                Visit(village, who, disposition="partial", day=1, population=rng.randint(300, 900))
            )
        if place % 20 == 7:
            world.visits.append(Visit(village, who, disposition="refused", day=1))
        here = [self.business(village, number) for number in range(3 + place % 3)]
        world.businesses += here
        founders = sum(len(one.founders) for one in here)
        world.visits.append(Visit(village, who, day=2, population=rng.randint(400, 1500), founders=founders))
        if place % 4 == 1:
            outcome = rng.choice(("refused", "not_home", "away"))
            attempt = Business(village, who, disposition=outcome, name=self.business_name()[0])
            world.businesses.append(attempt)
        inns = [
            self.inn(village, here, number)
            for number in range(1 + place % 2 if village.road != "none" else place % 2)
        ]
        world.inns += inns
        for one in here:
            self.jobs_of(one)
            self.supports_of(one)
        for inn in inns:
            if inn.business is None:
                world.jobs.append(self.job(inn, "inn", "客房服务", heads=rng.randint(1, 4)))
                if rng.random() < 0.5:
                    world.supports.append(Support(village, who, to=inn, instrument=rng.choice(INSTRUMENTS)))
        self.others(place, village)
        if place % 2 == 0:
            world.stories.append(self.story(here[0]))

    def business_name(self) -> tuple[str, str, str]:
        """Name, activity in words, line of business."""
        trade, words, line = self.rng.choice(names.TRADES)
        return f"{self.rng.choice(names.SURNAMES)}记{trade}{names.MARK}", words, line

    def business(self, village: Village, number: int) -> Business:
        """A business with one to three founders."""
        rng = self.rng
        name, words, line = self.business_name()
        kinds = rng.choices((RETURNEE, LOCAL, INCOMER, SHORT, UNKNOWN), (80, 7, 6, 4, 3), k=1)
        kinds += [RETURNEE] * (rng.random() < 0.25) + [LOCAL] * (rng.random() < 0.1)
        return Business(
            village,
            village.enumerator,
            name=name,
            activity=words,
            trade=line,
            founders=[self.founder(kind) for kind in kinds],
            start_year=rng.choice((2012, 2014, 2015, 2016, 2017, 2018, 2019, 2020, 2020, 2021)),
            status=rng.choices(("operating", "seasonal", "closed"), (8, 1, 1))[0],
            disposition="partial" if number == 0 and rng.random() < 0.1 else "complete",
            publish=rng.random() < 0.8,
        )

    def inn(self, village: Village, businesses: Sequence[Business], number: int) -> Inn:
        """An inn; the first of a village is run by its first business in half of the cases."""
        rng = self.rng
        runs = businesses[0] if number == 0 and rng.random() < 0.5 else None
        return Inn(
            village,
            village.enumerator,
            name=f"{rng.choice(names.SURNAMES)}家{rng.choice(names.INNS)}{names.MARK}",
            business=runs,
            status=rng.choices(("operating", "seasonal", "suspended"), (6, 2, 1))[0],
            opened=rng.choice((2014, 2016, 2018, 2019, 2020, 2021)),
            road=village.road,
            rooms=rng.randint(3, 12),
            publish=rng.random() < 0.8,
        )

    def job(self, employer: Business | Inn, kind: str, work: str, heads: int, terms: str = "") -> Job:
        """A line of jobs of an employer."""
        rng = self.rng
        migrant = rng.randint(0, heads)
        return Job(
            employer.village,
            employer.enumerator,
            employer=employer,
            kind=kind,
            work=work,
            terms=terms or rng.choice(("employee_permanent", "employee_fixed", "employee_casual")),
            heads=heads,
            women=rng.randint(0, heads),
            migrant=migrant,
            near=rng.randint(0, migrant),
            months=rng.choice((6, 8, 10, 12, 12)),
        )

    def jobs_of(self, one: Business) -> None:
        """The founder's own line in some, workers in most; none where nobody answered to the end."""
        rng = self.rng
        if one.disposition != "complete" or one.status == "closed" or one.start_year > REF_YEAR:
            return
        if rng.random() < 0.3:
            own = self.job(one, "returnee_business", "老板自己干", len(one.founders), "founder_self")
            self.world.jobs.append(own)
        if rng.random() < 0.75:
            work = rng.choice(("采收、分拣", "送货", "加工、包装", "喂养"))
            self.world.jobs.append(self.job(one, "returnee_business", work, rng.randint(1, 9)))

    def supports_of(self, one: Business) -> None:
        """Items of support; now and then the same kind twice, which is one beneficiary."""
        rng = self.rng
        if one.disposition != "complete":
            return
        for instrument in rng.sample(INSTRUMENTS[:7], k=rng.choice((0, 0, 1, 1, 2))):
            status = rng.choices((RECEIVED, "applied", "rejected"), (8, 1, 1))[0]
            for _ in range(2 if rng.random() < 0.1 else 1):
                item = Support(one.village, one.enumerator, to=one, instrument=instrument, status=status)
                item.year, item.amount = rng.randint(2017, 2020), rng.randint(1, 60) * 1000
                self.world.supports.append(item)

    def others(self, place: int, village: Village) -> None:
        """Public posts, another employer, support to a person."""
        rng, world, who = self.rng, self.world, village.enumerator
        if place % 3 == 0:
            heads = rng.randint(2, 6)
            post = Job(
                village,
                who,
                kind="public_post",
                work="村里保洁",
                heads=heads,
                women=heads // 2,
                migrant=heads // 2,
            )
            post.near = post.migrant
            world.jobs.append(post)
        if place % 5 == 2:
            heads = rng.randint(3, 20)
            other = Job(
                village,
                who,
                kind="other_local",
                work="砖厂工人",
                heads=heads,
                migrant=heads // 2,
                near=heads // 3,
            )
            world.jobs.append(other)
        if place % 2 == 1:
            instrument = rng.choice(("training", "unemployment_insurance", "public_post"))
            world.supports.append(Support(village, who, instrument=instrument, amount=0))

    def story(self, one: Business) -> Story:
        """A story of a business."""
        rng = self.rng
        title = rng.choice(("回来就踏实了", "从工地到果园", "头一年真难", "一家人又在一起了"))
        teller = one.founders[0].name
        publish = rng.choice(("yes", "yes", "after_review", "no"))
        about = one if one.disposition == "complete" else None
        return Story(
            one.village,
            one.enumerator,
            about=about,
            title=f"{title}{names.MARK}",
            teller=teller,
            publish=publish,
        )

    def serial_founders(self) -> None:
        """Some people have a second business in another village: one person, two businesses."""
        begun = [one for one in self.world.businesses if one.answered and one.start_year <= REF_YEAR]
        for place in range(0, len(begun) - 7, 14):
            again, first = begun[place + 6].founders[0], begun[place].founders[0]
            again.key, again.name, again.phone, again.kind = first.key, first.name, first.phone, first.kind
            again.sex, again.birth_year = first.sex, first.birth_year

    def doubles(self, count: int) -> None:
        """The same business recorded a second time by a colleague, for the usual causes."""
        causes = ("typing", "homophone", "number", "missing", "homophone")
        complete = [one for one in self.world.businesses if one.disposition == "complete"]
        step = max(1, len(complete) // count)
        for place, one in enumerate(complete[::step][:count]):
            cause = causes[place % len(causes)]
            self.world.businesses.append(self.double(one, cause))

    def double(self, one: Business, cause: str) -> Business:
        """A second record of a business with its names or numbers as the cause leaves them."""

        def rewrite(name: str) -> str:
            wrong = {"typing": names.mistyped, "homophone": names.homophone}
            return wrong[cause](name) if cause in wrong else name

        def number(phone: str) -> str:
            return {"number": names.mistyped_number(phone), "missing": ""}.get(cause, phone)

        founders = [
            Founder(
                *(
                    man.key,
                    rewrite(man.name),
                    number(man.phone),
                    man.kind,
                    man.sex,
                    man.birth_year,
                    man.return_year,
                )
            )
            for man in one.founders
        ]
        colleague = TEAM[(TEAM.index(one.enumerator) + 1) % len(TEAM)]
        again = Business(
            one.village, colleague, name=rewrite(one.name), activity=one.activity, trade=one.trade
        )
        again.founders, again.start_year, again.status = founders, one.start_year, one.status
        again.publish, again.double_of, again.cause = one.publish, one, cause
        return again

    def events(self) -> None:
        """The six special trainings as wholes, their parts by village (never added), and other events."""
        rng, world = self.rng, self.world
        first = world.villages[0]
        for number in range(1, 7):
            enrolled = rng.randint(60, 140)
            completed = enrolled - rng.randint(0, 12)
            whole = Event(
                first, TEAM[number % len(TEAM)], code=f"TR2020-{number}", level="county", enrolled=enrolled
            )
            whole.name = f"农民技能专项培训 {number}{names.MARK}"
            whole.completed, whole.first = completed, completed - rng.randint(0, 20)
            world.events.append(whole)
        for village in world.villages[::5]:
            part = Event(
                village, village.enumerator, code=f"TR2020-{rng.randint(1, 6)}", scope="village_part"
            )
            part.name, part.enrolled, part.completed, part.first = f"专项培训（本村）{names.MARK}", 12, 10, 8
            world.events.append(part)
        uncoded = Event(first, TEAM[0], name=f"电商夜校{names.MARK}", enrolled=30, completed=25, first=25)
        world.events.append(uncoded)
        world.events.append(
            Event(first, TEAM[1], kind="competition", code="COMP2020", name=f"创新创业大赛{names.MARK}")
        )
        world.events.append(Event(first, TEAM[2], kind="recognition", name=f"示范基地认定{names.MARK}"))

    def troubles(self) -> None:
        """Records edited in two places at once, and records taken back."""
        world = self.world
        # Who made it, who edited it as well: the second took it over from the first's database.
        for first, second in (("an", "bo"), ("bo", "chen")):
            mine = [
                one for one in world.businesses if one.enumerator == first and one.disposition == "complete"
            ]
            inns = [one for one in world.inns if one.enumerator == first]
            visits = [
                one for one in world.visits if one.enumerator == first and one.disposition == "complete"
            ]
            clashing: list[Unit] = [*mine[2:4], *inns[:1], *visits[:1]]
            for unit in clashing:
                unit.fate, unit.fate_with = "conflict", second
            for unit in mine[5:7]:
                unit.fate, unit.fate_with = "merged", second
        for who in TEAM:
            for unit in self.alone(who)[:1]:
                unit.fate = "deleted"

    def alone(self, who: str) -> list[Business]:
        """Businesses of an enumerator that nothing hangs on and nothing else happens to."""
        world = self.world
        held = {id(job.employer) for job in world.jobs} | {id(item.to) for item in world.supports}
        held |= {id(inn.business) for inn in world.inns} | {id(story.about) for story in world.stories}
        return [
            one
            for one in world.businesses
            if one.enumerator == who and one.answered and one.fate == "kept" and id(one) not in held
        ]
