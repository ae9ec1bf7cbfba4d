import type { Sip2SettingsInput } from '../../../src/adapters/ils/sip2/settings.ts'
import { createSip2Ils, type Sip2Ils } from '../../../src/adapters/ils/sip2/sip2.ts'
import { type Happened, happenedKinds, recordHappened } from '../../../src/gateway/ils-queue/happened.ts'
import { tellHappened } from '../../../src/gateway/ils-queue/tell.ts'
import { Killed } from '../../../src/gateway/orders/perform.ts'
import type { OrderPorts } from '../../../src/gateway/orders/ports.ts'
import { steps } from '../../../src/gateway/orders/steps/index.ts'
import { createWorker, type Worker } from '../../../src/gateway/orders/worker.ts'
import { seededRandom } from '../../../src/kernel/ids.ts'
import { type SandboxIls, startSandboxIls } from '../../../src/sandbox/ils/sandbox-ils.ts'
import { patiently } from '../../contracts/ils.ts'
import type { Site } from '../../contracts/sip2.ts'
import type { TestStore } from '../../harness/store.ts'
import { library } from '../../sandbox/ils/library.ts'

/** One change that the library system made to an item, as it stands in its own books. */
export interface Entry {
  readonly act: Happened['act']
  readonly barcode: string
  readonly card: string
  /** Of the act itself, as the library system was told it. */
  readonly at: number
}

/** A library system of the sandbox, our driver, and the worker that tells it what has happened. */
export interface Telling {
  readonly t: TestStore
  readonly sandbox: SandboxIls
  readonly ils: Sip2Ils
  readonly worker: Worker
  /** What the library system changed, in its own order. */
  readonly journal: readonly Entry[]
  happens(act: Happened['act'], barcode: string, more?: Partial<Happened>): Promise<void>
  /** The process dies at the so-manieth border between two safe states from now. */
  killAt(border: number): void
  /** Works off what is due now. */
  work(): Promise<void>
  /** Until nothing waits any more; `days` at most. */
  settle(days?: number): Promise<void>
  rows(): Promise<readonly { kind: string; state: string; attempts: number; problem: unknown }[]>
  close(): Promise<void>
}

export const startTelling = async (
  t: TestStore,
  site: Site,
  seed: string,
  more: Partial<Sip2SettingsInput> = {},
): Promise<Telling> => {
  const { store, clock, personal, ids } = t
  const sandbox = await startSandboxIls({
    name: site.name,
    dialect: site.dialect,
    seed: library(),
    clock,
    random: seededRandom(`${seed} sandbox`),
  })
  const journal = keepJournal(sandbox, () => clock.now())
  const ils = createSip2Ils(
    { name: 'test', host: sandbox.host, port: sandbox.port, ...site.settings, ...more },
    { clock, random: seededRandom(`${seed} driver`) },
  )
  const tell = tellHappened({ store, clock, personal, ils: () => ils })
  let borders = Number.POSITIVE_INFINITY
  const worker = createWorker({
    store,
    clock,
    ports: {} as OrderPorts,
    steps,
    others: Object.fromEntries(Object.values(happenedKinds).map(kind => [kind, tell])),
    ingest: async () => {},
    boundary: () => {
      borders -= 1
      if (borders === 0) throw new Killed()
    },
  })
  const work = (): Promise<void> =>
    patiently(
      worker.untilIdle().catch((thrown: unknown) => {
        if (!(thrown instanceof Killed)) throw thrown
      }),
      clock,
      store.dialect === 'postgres' ? 50 : 500,
    )
  const waiting = async (): Promise<number> =>
    (await store.db.selectFrom('outbox').select('id').where('state', '=', 'ready').execute()).length
  return {
    t,
    sandbox,
    ils,
    worker,
    journal,
    happens: (act, barcode, more = {}) =>
      store.tx(tx =>
        recordHappened(
          tx,
          { libraryId: 'suzhou', act, barcode, at: clock.now(), source: 'kiosk:hall', ...more },
          { personal, clock, ids },
        ),
      ),
    killAt: border => {
      borders = border
    },
    work,
    settle: async (days = 2) => {
      const end = clock.now() + days * 86_400_000
      while ((await waiting()) > 0 && clock.now() < end) {
        await work()
        await clock.advance(60_000)
      }
    },
    rows: async () =>
      (await store.db.selectFrom('outbox').selectAll().orderBy('id').execute()).map(row => ({
        kind: row.kind,
        state: row.state,
        attempts: row.attempts,
        problem: row.last_problem === null ? null : JSON.parse(row.last_problem),
      })),
    close: async () => {
      await sandbox.close()
      await ils.close()
    },
  }
}

const keepJournal = ({ state }: SandboxIls, now: () => number): Entry[] => {
  const journal: Entry[] = []
  const { checkout, checkin, renew } = {
    checkout: state.checkout.bind(state),
    checkin: state.checkin.bind(state),
    renew: state.renew.bind(state),
  }
  state.checkout = order => {
    const ruling = checkout(order)
    const act = ruling.ok && ruling.remarks.includes('already-yours') ? 'renew' : 'checkout'
    if (ruling.ok) journal.push({ act, barcode: order.barcode, card: order.card, at: order.at ?? now() })
    return ruling
  }
  state.checkin = order => {
    const ruling = checkin(order)
    if (ruling.ok && ruling.value.card !== undefined)
      journal.push({
        act: 'checkin',
        barcode: order.barcode,
        card: ruling.value.card,
        at: order.returnedAt ?? now(),
      })
    return ruling
  }
  state.renew = order => {
    const ruling = renew(order)
    if (ruling.ok)
      journal.push({ act: 'renew', barcode: order.barcode, card: order.card, at: order.at ?? now() })
    return ruling
  }
  return journal
}
