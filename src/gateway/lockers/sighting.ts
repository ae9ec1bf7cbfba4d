import type { Millis } from '../../kernel/clock.ts'
import { doorNow, type Happening, type Watch } from '../../lockers/watch.ts'
import { openVisits, type Visit } from '../store/door-visits.ts'
import { changeCompartment, compartmentsOf, type StoredCompartment } from '../store/lockers.ts'
import { inOtherHands } from './carrying.ts'
import type { Inside, Station } from './inside.ts'
import { type Desk, louder, note, visitFailed, visitFinished, visitOpened } from './settling.ts'
import { step } from './visits.ts'

interface Look {
  readonly board: number
  readonly happenings: readonly Happening[]
  readonly watch: Watch
}

/** The lockers that have doors on each board of a line. */
export const stationsByBoard = (stations: readonly Station[]): ReadonlyMap<number, readonly Station[]> => {
  const byBoard = new Map<number, Station[]>()
  for (const station of stations)
    for (const board of new Set(station.site.compartments.map(one => one.board)))
      byBoard.set(board, [...(byBoard.get(board) ?? []), station])
  return byBoard
}

/** How long a look that brings nothing new need not be taken in, where the one before it left every visit waiting. */
const stillWaiting: Millis = 2000

/** What was true when a look left every visit at its cabinet waiting. */
interface Waits {
  readonly at: Millis
  readonly doors: unknown
  readonly visits: number
  readonly inHand: number
}
const waiting = new WeakMap<Station, Map<number, Waits>>()

/** Takes one look at a board in, for every locker that has doors on it. */
export const takeIn = async (inside: Inside, stations: readonly Station[], look: Look): Promise<void> => {
  for (const station of stations) {
    if (look.happenings.length === 0 && station.visits.size === 0) continue
    const now = waitsOf(inside, station, look)
    if (look.happenings.length === 0 && goesOn(waiting.get(station)?.get(look.board), now)) continue
    const known = [...station.visits]
    const { left, moved } = await inside.tx(station, desk => atOne(inside, desk, look))
    // Also those that another process, or somebody at the screen, has settled meanwhile.
    for (const id of known) if (!left.has(id)) station.visits.delete(id)
    const boards = waiting.get(station) ?? new Map<number, Waits>()
    waiting.set(station, boards)
    if (moved) boards.clear()
    else boards.set(look.board, now)
    if (moved) inside.happened(station)
  }
}

const waitsOf = (inside: Inside, station: Station, look: Look): Waits => ({
  at: inside.options.clock.now(),
  doors: look.watch.boards.get(look.board),
  visits: station.visits.size,
  inHand: [...station.visits].filter(id => inside.inHand.has(id)).length,
})
const goesOn = (before: Waits | undefined, now: Waits): boolean =>
  before !== undefined &&
  now.at - before.at < stillWaiting &&
  before.doors === now.doors &&
  before.visits === now.visits &&
  before.inHand === now.inHand

interface Taken {
  /** Visits that have not come to rest. */
  readonly left: ReadonlySet<string>
  /** Anything is otherwise than before. */
  readonly moved: boolean
}

const atOne = async (inside: Inside, desk: Desk, look: Look): Promise<Taken> => {
  const visits = await openVisits(desk.tx, desk.key)
  const before = await compartmentsOf(desk.tx, desk.key)
  for (const happening of look.happenings) await record(desk, happening, before, visits)
  const compartments = new Map<string, StoredCompartment>()
  const after = look.happenings.length === 0 ? before : await compartmentsOf(desk.tx, desk.key)
  for (const one of after) compartments.set(one.id, one)
  const left = new Set(visits.map(one => one.id))
  let moved = look.happenings.length > 0
  for (const visit of visits) {
    const compartment = compartments.get(visit.compartmentId)
    if (compartment?.board !== look.board) continue
    const went = await settle(inside, desk, visit, compartment, look)
    if (went === 'rested') left.delete(visit.id)
    if (went !== 'waits') moved = true
  }
  return { left, moved }
}

const settle = async (
  inside: Inside,
  desk: Desk,
  visit: Visit,
  compartment: StoredCompartment,
  look: Look,
): Promise<'rested' | 'opened' | 'waits'> => {
  const { door, occupied } = doorNow(look.watch, compartment)
  const inHand = inside.inHand.has(visit.id)
  const at = compartment.doorAt
  switch (step(visit, door, inHand)) {
    case 'opened':
      if (
        visit.state === 'unclear' &&
        puttingIn.includes(visit.purpose) &&
        at - visit.intendedAt > believed
      ) {
        await doubtful(desk, visit, compartment)
        return 'rested'
      }
      await visitOpened(desk, visit, compartment, Math.max(at, visit.intendedAt))
      return 'opened'
    case 'finished':
      await visitFinished(desk, visit, compartment, Math.max(at, visit.openedAt ?? at), occupied)
      return 'rested'
    case 'not-opened':
      if (await inOtherHands(desk, visit.id)) return 'waits'
      await doubtful(desk, visit, compartment)
      return 'rested'
    case 'wait':
      if (visit.state !== 'jammed' || inHand) return 'waits'
      if (desk.now - visit.intendedAt < desk.rules.jamWindow) return 'waits'
      if (await inOtherHands(desk, visit.id)) return 'waits'
      await visitFailed(desk, visit, { outcome: 'not-opened' })
      return 'rested'
  }
}

const puttingIn: readonly Visit['purpose'][] = ['deposit', 'return']
/**
 * A door that nobody saw open when it was pulsed, and that is first seen open later than this, may have been opened by
 * another hand: who was to put something in was told that it had not opened, and has gone.
 */
const believed: Millis = 900_000

/** A pulse may have been given before the power or this program went away, and the door shut again unseen. */
const doubtful = async (desk: Desk, visit: Visit, compartment: StoredCompartment): Promise<void> => {
  await visitFailed(desk, visit, { outcome: 'not-opened', code: 'not-seen-open' })
  if (visit.purpose === 'again' || visit.purpose === 'service') return
  await changeCompartment(desk.tx, desk.key, compartment.id, {
    alarm: 'check-inside',
    ...(compartment.state === 'free' ? { outOfService: 'check-inside' } : {}),
  })
  if (compartment.state === 'free')
    await note(desk, 'out-of-service', compartment.id, { data: { why: 'check-inside' } })
}

const record = async (
  desk: Desk,
  happening: Happening,
  compartments: readonly StoredCompartment[],
  visits: readonly Visit[],
): Promise<void> => {
  if ('board' in happening) {
    await note(desk, happening.kind, null, { at: happening.at, data: { board: happening.board } })
    return
  }
  const { door, at } = happening
  const compartment = compartments.find(one => one.board === door.board && one.channel === door.channel)
  if (!compartment) return
  const visit = visits.find(one => one.id === compartment.visitId)
  const about = { at, visitId: visit?.id ?? null, contents: compartment.contents }
  if (happening.kind === 'open-too-long') {
    await changeCompartment(desk.tx, desk.key, compartment.id, {
      alarm: louder(compartment.alarm, 'open-too-long'),
    })
    await note(desk, 'open-too-long', compartment.id, { ...about, data: { since: happening.since } })
    return
  }
  const unseen = happening.unseen ? { unseen: true } : {}
  await changeCompartment(desk.tx, desk.key, compartment.id, {
    door: happening.kind === 'opened' ? 'open' : 'closed',
    doorAt: at,
    ...(happening.kind === 'closed' && compartment.alarm === 'open-too-long' ? { alarm: null } : {}),
  })
  const unbidden =
    happening.kind === 'opened' && happening.was === 'closed' && !visit && compartment.heldUntil <= at
  await note(desk, unbidden ? 'forced' : happening.kind, compartment.id, { ...about, data: unseen })
  if (unbidden)
    await changeCompartment(desk.tx, desk.key, compartment.id, {
      alarm: louder(compartment.alarm, happening.unseen ? 'opened-unseen' : 'forced'),
    })
}
