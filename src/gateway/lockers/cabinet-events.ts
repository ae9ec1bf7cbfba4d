import type { Millis } from '../../kernel/clock.ts'
import type { CabinetEvent, CabinetHappening } from '../../lockers/locker.ts'
import { insertVisit, type Visit, visitAround, visitById } from '../store/door-visits.ts'
import { changeCare } from '../store/locker-care.ts'
import { appendOnce } from '../store/locker-events.ts'
import { changeCompartment, compartmentsOf, type StoredCompartment } from '../store/lockers.ts'
import { changeCode, codeById } from '../store/pickup-codes.ts'
import type { Inside, Station } from './inside.ts'
import { type Desk, note, visitFinished, visitOpened } from './settling.ts'

/** Clocks of cabinets and ours may differ by so much. */
const slack: Millis = 15_000
/** An event older than this is told late: nobody has looked at the door meanwhile. */
const late: Millis = 5_000

/** Who opened, where the cabinet took the code itself. */
export const cabinetActor = 'cabinet:code'

type DoorHappening = Extract<CabinetHappening, { readonly channel: number }>

/** When it happened: the cabinet's time unless its clock was not set, and never in the future. */
const timeOf = (event: CabinetEvent): Millis =>
  event.timed === 'doubtful' ? event.receivedAt : Math.min(event.at, event.receivedAt)

/** Takes in what a cabinet tells of itself, once however often it is told. Rejects when it must be told again. */
export const takeEvent = async (
  inside: Inside,
  stations: readonly Station[],
  event: CabinetEvent,
): Promise<void> => {
  const { what } = event
  for (const station of stations) {
    const concerned = station.site.compartments.some(
      one => one.board === event.board && (!('channel' in what) || one.channel === what.channel),
    )
    if (!concerned) continue
    const moved = await inside.tx(station, desk => taken(desk, event))
    if (moved?.visit) station.visits.add(moved.visit)
    if (moved?.settled) station.visits.delete(moved.settled)
    if (moved) inside.happened(station)
  }
}

interface Moved {
  /** A visit that has begun by it, or has come to rest. */
  readonly visit?: string
  readonly settled?: string
}

const taken = async (desk: Desk, event: CabinetEvent): Promise<Moved | undefined> => {
  const { what } = event
  const at = timeOf(event)
  const compartment =
    'channel' in what
      ? (await compartmentsOf(desk.tx, desk.key)).find(
          one => one.board === event.board && one.channel === what.channel,
        )
      : undefined
  const { kind, ...said } = what
  const fresh = await appendOnce(
    desk.tx,
    desk.key,
    {
      id: `told:${event.id}`,
      compartmentId: compartment?.id ?? null,
      kind: `cabinet-${kind}`,
      at,
      actor: 'cabinet',
      visitId: compartment?.visitId ?? null,
      contents: compartment?.contents ?? null,
      data: { ...said, board: event.board, seq: event.seq, timed: event.timed },
    },
    desk.now,
  )
  if (!fresh) return undefined
  if ('channel' in what) {
    if (!compartment) return {}
    return what.kind === 'door-opened'
      ? opened(desk, event, what, compartment, at)
      : closed(desk, event, what, compartment, at)
  }
  if (kind === 'tamper' || kind === 'events-lost') await changeCare(desk.tx, desk.key, { alarm: kind })
  if (kind === 'code-locked-out') await note(desk, 'keypad-locked', null, { at, actor: 'cabinet' })
  return {}
}

const opened = async (
  desk: Desk,
  event: CabinetEvent,
  { codeId }: DoorHappening,
  compartment: StoredCompartment,
  at: Millis,
): Promise<Moved> => {
  const current =
    compartment.visitId === null ? undefined : await visitById(desk.tx, desk.key, compartment.visitId)
  if (codeId !== undefined) return openedByCode(desk, codeId, compartment, current, at)
  if (current) {
    if (current.state === 'intended' || current.state === 'unclear' || current.state === 'jammed')
      if (at >= current.intendedAt - slack && event.receivedAt - at > late)
        await visitOpened(desk, current, compartment, Math.max(at, current.intendedAt))
    return {}
  }
  if (await visitAround(desk.tx, desk.key, compartment.id, at, slack)) return {}
  if (compartment.alarm === null)
    await changeCompartment(desk.tx, desk.key, compartment.id, {
      alarm: event.receivedAt - at > late || event.timed === 'doubtful' ? 'opened-unseen' : 'forced',
    })
  return {}
}

/** A reader typed the code at a cabinet that held it: as if typed at ours, at the time the cabinet says. */
const openedByCode = async (
  desk: Desk,
  codeId: string,
  compartment: StoredCompartment,
  current: Visit | undefined,
  at: Millis,
): Promise<Moved> => {
  const code = await codeById(desk.tx, desk.key, codeId)
  const { contents } = compartment
  const theirs =
    code !== undefined &&
    (compartment.state === 'loaded' || compartment.state === 'expired') &&
    contents?.parcel === code.parcel
  if (!theirs || current) {
    // The parcel was taken out, moved or is being given out otherwise: only somebody who looks can tell.
    if (!current)
      await changeCompartment(desk.tx, desk.key, compartment.id, {
        alarm: 'check-inside',
        ...(compartment.state === 'free' ? { outOfService: 'check-inside' } : {}),
      })
    return {}
  }
  const visit: Visit = {
    id: desk.ids.next(),
    compartmentId: compartment.id,
    purpose: 'collect',
    contents,
    actor: cabinetActor,
    reason: null,
    codeId,
    follows: null,
    nothingIn: false,
    state: 'intended',
    outcome: null,
    intendedAt: at,
    openedAt: null,
    closedAt: null,
    settledAt: null,
  }
  await insertVisit(desk.tx, desk.key, visit)
  await changeCode(desk.tx, desk.key, codeId, { visitId: visit.id })
  await changeCompartment(desk.tx, desk.key, compartment.id, {
    visitId: visit.id,
    ...(compartment.alarm === 'forced' || compartment.alarm === 'opened-unseen' ? { alarm: null } : {}),
  })
  await visitOpened(desk, visit, compartment, at)
  return { visit: visit.id }
}

/** Looks settle what is seen while it happens; the cabinet's word settles what it did alone, or tells late. */
const closed = async (
  desk: Desk,
  event: CabinetEvent,
  { occupied }: DoorHappening,
  compartment: StoredCompartment,
  at: Millis,
): Promise<Moved> => {
  if (compartment.visitId === null) return {}
  const visit = await visitById(desk.tx, desk.key, compartment.visitId)
  if (visit?.state !== 'open' || at < (visit.openedAt ?? at)) return {}
  if (visit.actor !== cabinetActor && event.receivedAt - at <= late) return {}
  await visitFinished(desk, visit, compartment, at, occupied)
  return { settled: visit.id }
}
