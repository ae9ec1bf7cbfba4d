import { pause } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, yes } from '../../kernel/problem.ts'
import { choose } from '../../lockers/choose.ts'
import type { Contents } from '../../lockers/compartments.ts'
import { changeVisit, openVisits, type Visit, visitById } from '../store/door-visits.ts'
import { changeCompartment, compartmentById, compartmentsOf, findParcel } from '../store/lockers.ts'
import { changeCode } from '../store/pickup-codes.ts'
import { notServed } from './care.ts'
import { lookAt } from './carrying.ts'
import { checkCode } from './codes.ts'
import type { Inside, Station } from './inside.ts'
import type { Lockers } from './lockers.ts'
import {
  answering,
  type Begun,
  begin,
  contentsOf,
  openBy,
  orLarger,
  otherDoor,
  placeFor,
  refusal,
  screen,
  tryAgain,
  wishOf,
} from './opening.ts'
import type { KioskAnswer } from './ports.ts'
import { bearWitness, type Desk, louder, note, visitFailed } from './settling.ts'
import { viewOf } from './view.ts'
import {
  alreadyReturned,
  bookIsBehindIt,
  codeExpired,
  doorInUse,
  lockerFull,
  mayNotChange,
  nothingThere,
  openWords,
  outcomeWords,
  putItBack,
  staffCalled,
  takeItAlong,
  unknownVisit,
  waitingForDoor,
} from './words.ts'

type Acts = Pick<Lockers, 'deposit' | 'collect' | 'handOut' | 'giveBack' | 'again' | 'confirm'>
type Prepared = Answer<Begun | { readonly shown: KioskAnswer }>

/** What people do at the door: put in, take out, give back, and once more. */
export const visitActs = (inside: Inside): Acts => ({
  deposit: deposit =>
    answering(async () => {
      const station = inside.station(deposit.lockerId)
      const contents = contentsOf(deposit)
      return openBy(inside, station, async desk => {
        const shut = await notServed(desk, station.site.phone)
        if (shut) return no(shut)
        const place = await placeFor(desk, contents, wishOf(deposit))
        if (!place.ok) return place
        const running = await runningVisit(inside, desk, place.value.visitId, 'deposit')
        if (running) return running
        if (place.value.state !== 'reserved') return no(doorInUse)
        return begin(desk, place.value, { purpose: 'deposit', contents, actor: deposit.actor })
      })
    }),

  collect: (lockerId, text, actor) =>
    answering(async () => {
      const station = inside.station(lockerId)
      return openBy(inside, station, async desk => {
        const shut = await notServed(desk, station.site.phone)
        if (shut) return no(shut)
        const { code, used, lockedNow } = await checkCode(desk.tx, desk.key, text, desk)
        if (!code.ok) {
          const stillOpen = await runningVisit(inside, desk, used?.visitId ?? null, 'collect')
          if (stillOpen) return stillOpen
          if (lockedNow) await note(desk, 'keypad-locked', null, { actor })
          return code
        }
        const { id: codeId, compartmentId, visitId, parcel } = code.value
        const running = await runningVisit(inside, desk, visitId, 'collect')
        if (running) return running
        const compartment = await compartmentById(desk.tx, desk.key, compartmentId)
        if (compartment?.state !== 'loaded' || compartment.contents?.parcel !== parcel) return no(codeExpired)
        const begun = await begin(desk, compartment, {
          purpose: 'collect',
          contents: compartment.contents,
          actor,
          codeId,
        })
        if (begun.ok) await changeCode(desk.tx, desk.key, codeId, { visitId: begun.value.visit.id })
        return begun
      })
    }),

  handOut: ({ lockerId, libraryId, parcel, actor, reason }) =>
    answering(async () => {
      const station = inside.station(lockerId)
      return openBy(inside, station, async desk => {
        const shut = reason === undefined ? await notServed(desk, station.site.phone) : undefined
        if (shut) return no(shut)
        const found = await findParcel(desk.tx, libraryId, parcel)
        const compartment = found?.key.lockerId === lockerId ? found.compartment : undefined
        if (compartment?.state !== 'loaded' && (reason === undefined || compartment?.state !== 'expired'))
          return no(nothingThere)
        if (reason === undefined && (await somebodyElse(desk, compartment.visitId, actor)))
          return no(doorInUse)
        const running = await runningVisit(inside, desk, compartment.visitId, 'collect')
        if (running) return running
        return begin(desk, compartment, {
          purpose: 'collect',
          contents: compartment.contents,
          actor,
          ...(reason === undefined ? {} : { reason }),
        })
      })
    }),

  giveBack: ({ lockerId, libraryId, orderId, lineId, size = 'small', actor }) =>
    answering(async () => {
      const station = inside.station(lockerId)
      const contents: Contents = { libraryId, orderId, parcel: `return:${lineId}`, lineIds: [lineId] }
      return openBy(inside, station, async desk => {
        const shut = await notServed(desk, station.site.phone)
        if (shut) return no(shut)
        if (await findParcel(desk.tx, libraryId, contents.parcel)) return no(alreadyReturned)
        const same = (await openVisits(desk.tx, desk.key)).find(
          one => one.purpose === 'return' && one.contents?.parcel === contents.parcel && !one.nothingIn,
        )
        if (same && same.actor !== actor) return no(doorInUse)
        const running = await runningVisit(inside, desk, same?.id ?? null, 'return')
        if (running) return running
        const chosen = choose(await compartmentsOf(desk.tx, desk.key), { size }, desk.now)
        return chosen ? begin(desk, chosen, { purpose: 'return', contents, actor }) : no(lockerFull)
      })
    }),

  again: (lockerId, visitId, how, actor) =>
    answering(async () => {
      const station = inside.station(lockerId)
      const { store } = inside.options
      const visit = await visitById(store.db, station.key, visitId)
      const compartment = visit && (await compartmentById(store.db, station.key, visit.compartmentId))
      if (!visit || !compartment || inside.inHand.has(visitId))
        return refusal(visit ? doorInUse : unknownVisit)
      const begun: Begun = { visit, compartment, intent: { ...intentOf(visit), tried: [] } }
      if (how === 'call-staff') return callStaff(inside, station, begun, actor)
      switch (how) {
        case 'same-door':
          return sameDoor(inside, station, begun, actor)
        case 'other-door':
          return anotherDoor(inside, station, begun)
        case 'nothing-in':
          return nothingIn(inside, station, begun)
        case 'wrong-item':
          return wrongItem(inside, station, begun, actor)
      }
    }),

  confirm: (lockerId, visitId) =>
    answering(async () => {
      const station = inside.station(lockerId)
      const { store } = inside.options
      const before = await visitById(store.db, station.key, visitId)
      const compartment = before && (await compartmentById(store.db, station.key, before.compartmentId))
      if (!before || !compartment) return refusal(unknownVisit)
      const { closedLooks, closedFor } = inside.rules.watch
      for (let look = 0; look < closedLooks; look++) {
        if (look > 0) await pause(inside.options.clock, Math.ceil(closedFor / (closedLooks - 1)))
        const problem = await lookAt(inside, station, compartment.board)
        if (problem) return refusal(problem)
      }
      const visit = (await visitById(store.db, station.key, visitId)) ?? before
      if (visit.settledAt !== null) return screen(inside, { visit, compartment }, 'done', sayOf(visit))
      const now = (await compartmentById(store.db, station.key, compartment.id)) ?? compartment
      const open = (await viewOf(inside, station)).door(now) === 'open'
      return screen(inside, { visit, compartment }, open ? 'open' : 'no', waitingForDoor)
    }),
})

export const sayOf = (visit: Visit) => outcomeWords[visit.outcome ?? 'closed'] ?? outcomeWords.closed!

const intentOf = (visit: Visit) => ({
  purpose: visit.purpose,
  contents: visit.contents,
  actor: visit.actor,
  ...(visit.codeId === null ? {} : { codeId: visit.codeId }),
})

/** Of two who come at once, at the screen and by phone, one is served. */
const somebodyElse = async (desk: Desk, visitId: string | null, actor: string): Promise<boolean> => {
  const visit = visitId === null ? undefined : await visitById(desk.tx, desk.key, visitId)
  return visit !== undefined && visit.settledAt === null && visit.actor !== actor
}

/** A second tap, or the same code at once: shown the visit that runs already; nothing is opened twice. */
const runningVisit = async (
  inside: Inside,
  desk: Desk,
  visitId: string | null,
  purpose: Visit['purpose'],
): Promise<Prepared | undefined> => {
  if (visitId === null) return undefined
  const visit = await visitById(desk.tx, desk.key, visitId)
  if (!visit || visit.settledAt !== null) return undefined
  const compartment = await compartmentById(desk.tx, desk.key, visit.compartmentId)
  if (!compartment || visit.purpose !== purpose) return no(doorInUse)
  if (visit.state === 'jammed' || visit.state === 'unclear')
    return tryAgain(inside, desk, { visit, compartment, intent: intentOf(visit) })
  const { id, label, row, column } = compartment
  const say = openWords[purpose](label)
  const shown = {
    signal: 'open',
    say,
    compartment: { id, label, row, column },
    titles: [],
    visit: visit.id,
  } as const
  return yes({ shown })
}

/** Nobody's hands are to be behind a door that opens: also what was begun before waits until maintenance is over. */
const openServed: typeof openBy = (inside, station, prepare) =>
  openBy(inside, station, async desk => {
    const shut = await notServed(desk, station.site.phone)
    return shut ? no(shut) : prepare(desk)
  })

const sameDoor = async (
  inside: Inside,
  station: Station,
  begun: Begun,
  actor: string,
): Promise<KioskAnswer> => {
  const { visit, compartment } = begun
  switch (visit.state) {
    case 'open':
      return screen(inside, begun, 'open', openWords[visit.purpose](compartment.label))
    case 'intended':
    case 'unclear':
    case 'jammed':
      return openServed(inside, station, desk => tryAgain(inside, desk, begun))
    case 'failed':
      return refusal(unknownVisit)
    case 'done':
      return openServed(inside, station, async desk => {
        const within = desk.now - (visit.closedAt ?? 0) <= inside.rules.againWindow
        const now = await compartmentById(desk.tx, desk.key, compartment.id)
        if (!now || !within || !stillTheirs(visit, now.contents)) return no(unknownVisit)
        return begin(desk, now, { purpose: 'again', contents: visit.contents, actor, follows: visit.id })
      })
  }
}

/** After a collection the compartment is empty and held; after a deposit or return it holds what they put in. */
const stillTheirs = (visit: Visit, contents: Contents | null): boolean =>
  contents === null ? visit.purpose === 'collect' : contents.parcel === visit.contents?.parcel

const anotherDoor = (inside: Inside, station: Station, begun: Begun): Promise<KioskAnswer> => {
  const { visit, compartment } = begun
  if (visit.purpose === 'collect') return shownRefusal(bookIsBehindIt)
  if (visit.purpose !== 'deposit' && visit.purpose !== 'return') return shownRefusal(unknownVisit)
  if (visit.settledAt !== null) return shownRefusal(visit.state === 'done' ? mayNotChange : unknownVisit)
  return openServed(inside, station, async desk => {
    const follower = (await openVisits(desk.tx, desk.key)).find(one => one.follows === visit.id)
    const running = await runningVisit(inside, desk, follower?.id ?? null, visit.purpose)
    if (running) return running
    const next = await otherDoor(desk, begun, orLarger(compartment.size))
    return next ? yes(next) : no(lockerFull)
  })
}

const callStaff = async (
  inside: Inside,
  station: Station,
  begun: Begun,
  actor: string,
): Promise<KioskAnswer> => {
  const { visit, compartment } = begun
  await inside.at(station, async desk => {
    await changeCompartment(desk.tx, desk.key, compartment.id, {
      alarm: louder(compartment.alarm, visit.state === 'jammed' ? 'jammed' : 'staff-called'),
    })
    await note(desk, 'staff-called', compartment.id, { actor, visitId: visit.id, contents: visit.contents })
    if (visit.state === 'jammed') await visitFailed(desk, visit, { outcome: 'not-opened', code: 'jammed' })
  })
  if (visit.state === 'jammed') station.visits.delete(visit.id)
  return screen(inside, begun, 'done', staffCalled(station.site.phone))
}

/** Whoever stands there takes it along again: the closing of the door then means nothing. */
const nothingIn = async (inside: Inside, station: Station, begun: Begun): Promise<KioskAnswer> => {
  const { visit, compartment } = begun
  if (visit.purpose !== 'deposit' && visit.purpose !== 'return') return refusal(unknownVisit)
  if (visit.settledAt !== null) return refusal(visit.state === 'done' ? mayNotChange : unknownVisit)
  await inside.at(station, async desk => {
    await changeVisit(desk.tx, desk.key, visit.id, { nothingIn: true })
    await note(desk, 'nothing-in', compartment.id, {
      actor: visit.actor,
      visitId: visit.id,
      contents: visit.contents,
    })
    if (visit.purpose === 'deposit' && visit.contents)
      await bearWitness(desk, 'no-compartment', visit, visit.contents, desk.now)
  })
  return screen(inside, begun, 'done', takeItAlong)
}

/**
 * The books are not the reader's. While the door stands open nothing has been collected yet, and stays so; after it
 * has closed the door opens once more, so that they can be put back. Staff look before anything else happens.
 */
const wrongItem = async (
  inside: Inside,
  station: Station,
  begun: Begun,
  actor: string,
): Promise<KioskAnswer> => {
  const { visit, compartment } = begun
  if (visit.purpose !== 'collect') return refusal(unknownVisit)
  const about = { actor, visitId: visit.id, contents: visit.contents }
  const stop = { outOfService: 'check-inside', alarm: 'wrong-item' }
  if (visit.settledAt === null) {
    await inside.at(station, async desk => {
      await changeVisit(desk.tx, desk.key, visit.id, { nothingIn: true })
      await changeCompartment(desk.tx, desk.key, compartment.id, stop)
      await note(desk, 'wrong-item', compartment.id, about)
    })
    return screen(inside, begun, 'done', putItBack(station.site.phone))
  }
  return openServed(inside, station, async desk => {
    const within = desk.now - (visit.closedAt ?? 0) <= inside.rules.againWindow
    const now = await compartmentById(desk.tx, desk.key, compartment.id)
    if (visit.state !== 'done' || !now || !within || now.state !== 'free') return no(unknownVisit)
    const begun = await begin(desk, now, {
      purpose: 'again',
      contents: visit.contents,
      actor,
      follows: visit.id,
    })
    if (!begun.ok) return begun
    await changeCompartment(desk.tx, desk.key, compartment.id, stop)
    await note(desk, 'wrong-item', compartment.id, about)
    return begun
  })
}

const shownRefusal = async (problem: Problem): Promise<KioskAnswer> => refusal(problem)
