"""Who is told: the roles of the ladder over the register of the world, stand-ins and gaps included."""

from datetime import datetime

from models.organization.unit import UnitKind
from tests.simulation.daybook import Book, State
from tests.simulation.world import OFFICE, TELECOM, World, day_of


def told(world: World, book: Book, role: str, state: State, at: datetime) -> list[tuple[str, str | None]]:
    """Who stands for a role on a day: the holder or their stand-in; whom nothing reaches, the coordinator."""
    answer = []
    for code, is_needed, is_outside in _seats(world, book, role, state):
        if is_outside or (code is None and not is_needed):
            continue
        reader = (world.away(code, day_of(at)) or code) if code else None
        fault = world.people[reader].fault if reader else "no_head"
        if fault:
            reader = world.away(state.coordinator, day_of(at)) or state.coordinator
        if reader:
            answer.append((reader, fault))
    return answer


def _seats(world: World, book: Book, role: str, state: State) -> list[tuple[str | None, bool, bool]]:
    """(person, whether an empty seat is a gap to be told, whether outside)."""
    lead = world.units[book.unit]
    own = {"head": (lead.head, True), "deputy": (lead.deputy, False), "focal_point": (lead.focal, False)}
    if role in own:
        return [(*own[role], lead.is_outside)]
    if role == "officer":
        return [(state.officer, False, False)]
    if role == "coordinator":
        return [(state.coordinator, True, False)]
    if role == "coordinating":
        partners = [world.units[code] for code in world.partners(book.key[0]) if code != lead.code]
        return [(unit.head, False, unit.is_outside) for unit in partners]
    if role == "supervisor":
        above = world.units[OFFICE if (lead.supervisor or TELECOM) == lead.code else lead.supervisor or TELECOM]
        return [(above.head, True, False)]
    if role == "parent_organisation":
        parent = world.units[lead.parent] if lead.parent else None
        return [(parent.head, False, False)] if parent and parent.kind is UnitKind.ENTERPRISE else []
    return _deciders(world, role, lead.code, state)


def _deciders(world: World, role: str, lead: str, state: State) -> list[tuple[str | None, bool, bool]]:
    """The one who must decide, and their superior."""
    office = (world.units[OFFICE].head, True, False)
    if state.wait == "obstacle" and state.obstacle is not None:
        return [(world.units[state.obstacle].head, True, False) if role == "decider" else office]
    if lead == TELECOM:
        return [office] if role == "decider" else []
    return [(state.coordinator, True, False) if role == "decider" else (world.units[TELECOM].head, True, False)]
