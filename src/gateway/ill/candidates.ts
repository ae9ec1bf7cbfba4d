import type { CirculationStatus, Ils, IlsItem } from '../../adapters/ils/ils.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Answer } from '../../kernel/problem.ts'
import type { Copy, RankedCopy } from '../orders/ports.ts'

/** A record and its copies in all libraries, as the union catalogue knows them. */
export interface HeldRecord {
  readonly title: string
  readonly author: string | null
  readonly clc: string | null
  readonly copies: readonly Copy[]
}
export interface Holdings {
  /** Undefined when there is no such record. */
  copies(recordId: string): Promise<HeldRecord | undefined>
}

const free: readonly CirculationStatus[] = ['available', 'waiting-to-be-reshelved']

/** Whether an item can be lent now; what cannot be told is `unknown`, never `free`. */
export const stateOf = (answer: Answer<IlsItem> | undefined): RankedCopy['status'] => {
  if (answer === undefined) return 'unknown'
  if (!answer.ok)
    return answer.problem.kind === 'refused' && !answer.problem.maybeDone ? 'not-free' : 'unknown'
  const { status, holdQueue = 0 } = answer.value
  if (holdQueue > 0) return 'not-free'
  if (status === 'unknown' || status === 'other') return 'unknown'
  return free.includes(status) ? 'free' : 'not-free'
}

/** Asks every ILS for the state of its items at once; a silent one is `unknown` when the time is over. */
export const askAll = async (
  copies: readonly Copy[],
  ils: (libraryId: string) => Ils,
  clock: Clock,
  deadline: Millis,
): Promise<ReadonlyMap<Copy, RankedCopy['status']>> => {
  const states = new Map<Copy, RankedCopy['status']>(copies.map(copy => [copy, 'unknown']))
  const asking = copies.map(async copy => {
    states.set(copy, stateOf(await ils(copy.supplierId).item(copy.barcode)))
  })
  await Promise.race([
    Promise.all(asking),
    new Promise<void>(resolve => {
      const cancel = clock.after(deadline, resolve)
      Promise.allSettled(asking).then(cancel)
    }),
  ])
  // What is answered later must not change what was decided on.
  return new Map(states)
}
