import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { type Log, noLog } from '../../kernel/log.ts'
import { type Answer, no, orThrow, yes } from '../../kernel/problem.ts'
import type { Store, Tx } from '../store/db.ts'
import { type RawEvidence, readEvidence } from './evidence.ts'
import { type IngestDeps, ingestInTx, type Told } from './ingest.ts'
import { housesOf } from './lying.ts'
import type { Order } from './order.ts'
import type { Boundary } from './perform.ts'
import type { Changed, OrderPorts } from './ports.ts'
import type { Changes } from './save.ts'

export interface IntakeDeps {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly ports: OrderPorts
  readonly boundary: Boundary
  readonly log?: Log
  /** Called after a commit that wrote effects. */
  readonly wake: () => void
  /** Called after a commit that changed an order. */
  readonly changed: (change: Changed) => void
}

/** The one door through which evidence comes in. `known`: its order as it was read a moment ago, to spare a second look. */
export interface Intake {
  /** In a transaction of its own; `garbled/bad-evidence` when a piece cannot be read. */
  take(evidence: readonly RawEvidence[], known?: Order): Promise<Answer<readonly Told[]>>
  /** In the caller's transaction. Throws `bug` for evidence that cannot be read: it is our own. */
  takeInTx(
    tx: Tx,
    after: (act: () => void) => void,
    evidence: readonly RawEvidence[],
    known?: Order,
  ): Promise<readonly Told[]>
}

export const createIntake = (deps: IntakeDeps): Intake => {
  const { store, clock, boundary, log = noLog } = deps
  const ingest: IngestDeps = {
    ids: deps.ids,
    libraries: deps.ports.libraries,
    notifies: deps.ports.notify !== undefined,
  }
  const takeInTx: Intake['takeInTx'] = async (tx, after, raw, known) => {
    if (raw.length === 0) return []
    const evidence = raw.map(one => orThrow(readEvidence(one)))
    const { told, changes } = await ingestInTx(tx, ingest, evidence, clock.now(), known)
    for (const work of changes)
      if (work.changed.size > 0) after(() => deps.changed(changeOf(work, deps.ports)))
    if (changes.some(work => work.effects.length > 0)) after(deps.wake)
    return told
  }
  return {
    takeInTx,
    take: async (raw, known) => {
      for (const one of raw) {
        const readable = readEvidence(one)
        if (readable.ok) continue
        const problem = readable.problem.their?.text ?? ''
        log.warn({ evidence: one.id, problem }, 'evidence could not be read')
        return no(readable.problem)
      }
      await boundary('before ingest')
      let read = known
      const told = await store.tx(async (tx, after) => {
        const order = read
        // When it was changed meanwhile the transaction runs again, and then it looks for itself.
        read = undefined
        const verdicts = await takeInTx(tx, after, raw, order)
        await boundary('in ingest')
        return verdicts
      })
      await boundary('after ingest')
      return yes(told)
    },
  }
}

const changeOf = (
  { order, changed, tell }: Changes,
  { libraries }: Pick<OrderPorts, 'libraries'>,
): Changed => ({
  libraryId: order.libraryId,
  orderId: order.id,
  patronId: order.patronId,
  version: order.version,
  suppliers: [
    ...new Set(
      order.lines.filter(l => changed.has(l.id)).flatMap(l => [l.supplierId, ...housesOf(libraries, l)]),
    ),
  ],
  message: tell.length > 0,
})
