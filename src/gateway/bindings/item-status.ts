import type { CirculationStatus, Ils, IlsHealth, IlsItem } from '../../adapters/ils/ils.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { CopyKnowledge, ItemStatusPort } from '../catalogue/record.ts'
import type { CopyStatus } from '../store/catalogue.ts'

export interface ItemStatusParts {
  /** Throws `unknown-library`. */
  readonly ils: (libraryId: string) => Pick<Ils, 'item' | 'health'>
  /** Tells when something was learned. */
  readonly clock: Pick<Clock, 'now'>
  /** Measures the deadline: the clock of the wires. */
  readonly wire: Pick<Clock, 'after'>
  /** For all copies together; 1.5 s unless told otherwise. */
  readonly deadline?: Millis
  /** So long an answer is given again to whoever asks next; 15 s unless told otherwise. */
  readonly freshFor?: Millis
}

/** Questions one library system has to answer at once, for each of its connections; further ones are not put. */
const atOnce = 12
const usualConnections = 2
const remembered = 5000

/**
 * Asks the library systems about copies, all at once under one deadline. A copy whose system is away, busy or silent
 * is left out: nothing is known of it.
 */
export const askItemStatus = (parts: ItemStatusParts): ItemStatusPort => {
  const { ils, clock, wire, deadline = 1500, freshFor = 15_000 } = parts
  const recent = new Map<string, CopyKnowledge>()
  const underWay = new Map<string, Promise<CopyKnowledge | undefined>>()
  const busy = new Map<string, number>()

  const put = async (libraryId: string, barcode: string): Promise<CopyKnowledge | undefined> => {
    const answer = await ils(libraryId).item(barcode)
    if (!answer.ok) return undefined
    const learned = { libraryId, barcode, ...knownOf(answer.value), at: clock.now() }
    if (recent.size >= remembered) recent.clear()
    recent.set(`${libraryId}\n${barcode}`, learned)
    return learned
  }
  const ask = (libraryId: string, barcode: string): Promise<CopyKnowledge | undefined> => {
    const key = `${libraryId}\n${barcode}`
    const known = recent.get(key)
    if (known && Math.abs(clock.now() - known.at) < freshFor) return Promise.resolve(known)
    const same = underWay.get(key)
    if (same) return same
    const others = busy.get(libraryId) ?? 0
    if (others >= mostAtOnce(ils(libraryId).health())) return Promise.resolve(undefined)
    busy.set(libraryId, others + 1)
    const question = put(libraryId, barcode).finally(() => {
      busy.set(libraryId, (busy.get(libraryId) ?? 1) - 1)
      underWay.delete(key)
    })
    underWay.set(key, question)
    return question
  }

  return {
    ask: async copies => {
      const learned: CopyKnowledge[] = []
      const answers = copies.map(async ({ libraryId, barcode }) => {
        const known = await ask(libraryId, barcode)
        if (known) learned.push(known)
      })
      await withinTime(Promise.all(answers), wire, deadline)
      return [...learned]
    },
  }
}

const mostAtOnce = ({ state, link }: IlsHealth): number =>
  ['down', 'closed-hours'].includes(state) ? 0 : atOnce * (link?.mostConnections ?? usualConnections)

/** Resolves with the work or with the deadline, whichever comes first. */
const withinTime = (work: Promise<unknown>, wire: Pick<Clock, 'after'>, deadline: Millis): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = wire.after(deadline, resolve)
    work.then(() => resolve(), reject).finally(cancel)
  })

const meaning: Readonly<Record<CirculationStatus, CopyStatus>> = {
  available: 'free',
  'waiting-to-be-reshelved': 'free',
  charged: 'lent',
  'charged-not-to-be-recalled': 'lent',
  recalled: 'lent',
  'on-hold-shelf': 'reserved',
  'in-transit': 'reserved',
  'on-order': 'not-lendable',
  'in-process': 'not-lendable',
  'claimed-returned': 'not-lendable',
  lost: 'not-lendable',
  missing: 'not-lendable',
  other: 'unknown',
  unknown: 'unknown',
}

/** What an ILS's word means for somebody who wants the copy now. A free one with a queue is somebody else's. */
export const knownOf = (item: IlsItem): Pick<CopyKnowledge, 'status' | 'dueAt'> => {
  const status = meaning[item.status]
  if (status === 'free' && (item.holdQueue ?? 0) > 0) return { status: 'reserved', dueAt: null }
  return { status, dueAt: status === 'lent' ? (item.dueAt ?? null) : null }
}
