import type { Millis } from '../../kernel/clock.ts'
import { silentSince } from '../../lockers/watch.ts'
import { careOf, changeCare } from '../store/locker-care.ts'
import { compartmentsOf } from '../store/lockers.ts'
import { voidCodes } from '../store/pickup-codes.ts'
import type { Inside, Station } from './inside.ts'
import { applyMove, bearWitness, type Desk, note } from './settling.ts'

/** Whether a cabinet has come or gone is asked no oftener than this. */
const askEvery: Millis = 15_000

/** Since when a board of the cabinet has been silent, the first one; null while all of them answer. */
const silentBoardSince = ({ site, line }: Station): Millis | null => {
  const since = [...new Set(site.compartments.map(one => one.board))]
    .map(board => silentSince(line().watch(), board))
    .filter(at => at !== null)
  return since.length === 0 ? null : Math.min(...since)
}

/**
 * A cabinet that has been silent or in maintenance for too long: what is on its way there goes to the desk, its
 * compartments are given back, nothing more is sent, and readers are told, also those whose books lie inside. When
 * it is back, these are told again. Told once for each time, however often the gateway is started meanwhile.
 */
export const turnAway = async (inside: Inside, station: Station): Promise<void> => {
  const now = inside.options.clock.now()
  const { away } = station
  if (away.turned !== undefined && now - away.askedAt < askEvery) return
  away.askedAt = now
  const silent = silentBoardSince(station)
  // A cabinet that has not been asked since the start is neither away nor back.
  const known = silent !== null || station.site.compartments.every(one => seen(station, one.board))
  if (!known) return
  const before = await careOf(inside.options.store.db, station.key)
  if (silent !== null || before.maintenance !== null) away.wellSince = null
  else away.wellSince ??= now
  const { wellSince } = away
  if (silent === null && before.maintenance === null && before.turnedAt === null) {
    away.turned = false
    return
  }
  const turned = await inside.tx(station, async desk => {
    const care = await careOf(desk.tx, desk.key)
    const since = Math.min(
      silent ?? Number.POSITIVE_INFINITY,
      care.maintenance?.at ?? Number.POSITIVE_INFINITY,
    )
    const gone = now - since >= inside.rules.turnAfter
    const was = care.turnedAt !== null
    if (gone && !was) await turn(desk, station, since)
    const isBack = wellSince !== null && now - wellSince >= inside.rules.backAfter
    if (care.turnedAt !== null && isBack) await back(desk, care.turnedAt)
    return { now: gone || (was && !isBack), was }
  })
  away.turned = turned.now
  if (turned.now !== turned.was) inside.happened(station)
}

const seen = ({ line }: Station, board: number): boolean =>
  [...line().watch().boards].some(([number, one]) => number === board && one.fresh)

const turn = async (desk: Desk, { site }: Station, since: Millis): Promise<void> => {
  await changeCare(desk.tx, desk.key, { turnedAt: desk.now })
  await note(desk, 'turned-to-desk', null, { data: site.desk === undefined ? {} : { desk: site.desk } })
  for (const one of await compartmentsOf(desk.tx, desk.key)) {
    const { contents } = one
    if (!contents || (one.state !== 'reserved' && one.state !== 'loaded')) continue
    const about = { id: `away-${desk.key.lockerId}-${desk.now}`, compartmentId: one.id }
    if (one.state === 'loaded')
      await bearWitness(desk, 'locker-offline', about, contents, Math.max(since, one.since))
    // Somebody may be putting it in at this moment.
    if (one.state !== 'reserved' || one.visitId !== null) continue
    await bearWitness(desk, 'locker-offline', about, contents, desk.now, site.desk)
    await voidCodes(desk.tx, contents.libraryId, contents.parcel, desk.now)
    await applyMove(desk, one, 'release', contents)
    await note(desk, 'released', one.id, { contents, data: { why: 'turned-to-desk' } })
  }
}

const back = async (desk: Desk, turnedAt: Millis): Promise<void> => {
  await changeCare(desk.tx, desk.key, { turnedAt: null })
  await note(desk, 'back-in-use', null)
  for (const one of await compartmentsOf(desk.tx, desk.key))
    if (one.contents && one.state === 'loaded')
      await bearWitness(
        desk,
        'locker-online',
        { id: `back-${desk.key.lockerId}-${turnedAt}`, compartmentId: one.id },
        one.contents,
        desk.now,
      )
}
