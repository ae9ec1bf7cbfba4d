import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Line } from '../../src/gateway/orders/order.ts'
import { migrate, openStore, type Store } from '../../src/gateway/store/db.ts'
import { pause, systemClock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/ids.ts'
import { utf8Checksums } from '../../src/sandbox/ils/dialect.ts'
import type { IlsSeed } from '../../src/sandbox/ils/model.ts'
import { type SandboxIls, startSandboxIls } from '../../src/sandbox/ils/sandbox-ils.ts'
import { library } from '../sandbox/ils/library.ts'
import type { Life } from './crash-child.ts'

const most = 80
const number = (n: number): string => String(n).padStart(3, '0')

/** The sandbox's library with a reader and a book for each order. */
const seed = (): IlsSeed => {
  const base = library()
  const { patrons, items, bibs } = base
  const [patron, item] = [patrons[0]!, items.find(i => i.barcode === 'B2001')!]
  const each = Array.from({ length: most }, (_, n) => number(n))
  return {
    ...base,
    patrons: [...patrons, ...each.map(n => ({ ...patron, card: `R1${n}` }))],
    bibs: [...bibs, ...each.map(n => ({ id: `c${n}`, title: `夜航 第${n}` }))],
    items: [...items, ...each.map(n => ({ ...item, barcode: `C${n}`, bibId: `c${n}` }))],
  }
}

let ils: SandboxIls | undefined
let folder: string | undefined
afterEach(async () => {
  await ils?.close()
  if (folder) rmSync(folder, { recursive: true })
})

const begin = async (): Promise<{ url: string; ils: SandboxIls }> => {
  folder = mkdtempSync(join(tmpdir(), 'shuqiao-crash-'))
  const url = `sqlite:${join(folder, 'shuqiao.sqlite')}`
  const store = openStore(url, { outlives: 'process' })
  await migrate(store)
  await store.close()
  ils = await startSandboxIls({
    name: 'home',
    dialect: { ...utf8Checksums, maxConnections: 50 },
    seed: seed(),
    clock: systemClock,
    random: seededRandom('crash'),
  })
  return { url, ils }
}

const child = new URL('./crash-child.ts', import.meta.url).pathname

/** Runs one life; true when it came to its end by itself. It is killed as soon as `killWhen` resolves. */
const live = async (life: Life, killWhen?: (over: () => boolean) => Promise<unknown>): Promise<boolean> => {
  const process_ = spawn(process.execPath, [child], {
    env: { ...process.env, SHUQIAO_LIFE: JSON.stringify(life) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  process_.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000)
  })
  const gone = once(process_, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  void killWhen?.(() => process_.exitCode !== null).then(() => process_.kill('SIGKILL'))
  const [code, signal] = await gone
  if (signal === 'SIGKILL') return false
  if (code !== 0) throw new Error(`a life ended with ${code}: ${said}`)
  return true
}

const linesOf = async (store: Store): Promise<readonly { line: Line; card: string }[]> =>
  (await store.db.selectFrom('order_line').select(['body', 'patron_id']).execute()).map(r => ({
    line: JSON.parse(r.body) as Line,
    card: r.patron_id,
  }))

/** What the library system has in its books is what we have in ours, and each act was done once. */
const compare = async (url: string, { state }: SandboxIls, orders: number): Promise<void> => {
  const store = openStore(url, { outlives: 'process' })
  try {
    const lines = await linesOf(store)
    expect(lines).toHaveLength(orders)
    const ours = lines
      .filter(({ line }) => line.status === 'on_loan')
      .map(({ line, card }) => ({ barcode: line.barcode, card, dueAt: line.dueAt, renewals: line.renewals }))
    const theirs = state
      .snapshot()
      .loans.filter(l => l.barcode.startsWith('C'))
      .map(l => ({ barcode: l.barcode, card: l.card, dueAt: l.dueAt, renewals: l.renewals }))
    const sorted = (all: readonly { barcode: string | null }[]) =>
      all.toSorted((a, b) => (a.barcode! < b.barcode! ? -1 : 1))
    expect(sorted(ours)).toEqual(sorted(theirs))
    expect(state.snapshot().holds).toEqual([])
    const outcomes = Map.groupBy(lines, ({ line }) => line.outcome)
    const returned = outcomes.get('returned')?.length ?? 0
    const cancelled = outcomes.get('cancelled_by_reader')?.length ?? 0
    expect(returned + cancelled + ours.length).toBe(orders)
    const counts = state.counts()
    expect(counts['hold-add'].done).toBe(orders)
    expect(counts.checkout.done).toBe(orders)
    expect(counts.checkin.done).toBe(returned + cancelled)
    expect(counts.renew.done).toBe(ours.filter(l => l.renewals === 1).length)
    const left = await store.db.selectFrom('outbox').selectAll().where('state', '<>', 'done').execute()
    expect(left.map(r => `${r.kind} ${r.state} ${r.last_problem}`)).toEqual([])
  } finally {
    await store.close()
  }
}

const kinds = ['ils.place-hold', 'ils.checkout', 'ils.checkin', 'ils.renew', 'fee.settle', 'credit.record']
const boundaries = [
  ...['before place', 'in place', 'after place', 'before ingest', 'in ingest', 'after ingest'],
  ...['before claim ils:home', 'claimed ils:home', 'before claim fee:home', 'claimed fee:home'],
  ...kinds.flatMap(kind => ['before', 'after', 'in', 'committed'].map(when => `${when} ${kind}`)),
]

it('killed by the system at every boundary in turn, the gateway and the library system agree in the end', {
  timeout: 600_000,
}, async () => {
  const { url, ils: system } = await begin()
  let deaths = 0
  for (const [n, dieAt] of boundaries.entries()) {
    // Each life wants one order more, of each fate in turn, and finds what the lives before left behind.
    const whole = await live({ url, port: system.port, orders: 4 + n, dieAt })
    if (!whole) deaths += 1
  }
  const orders = 4 + boundaries.length
  expect(await live({ url, port: system.port, orders })).toBe(true)
  // A life that met its boundary died; nearly all do.
  expect(deaths).toBeGreaterThan(boundaries.length * 0.8)
  await compare(url, system, orders)
})

it('killed at random moments while it talks with the library system, they agree in the end', {
  timeout: 600_000,
}, async () => {
  const { url, ils: system } = await begin()
  const random = seededRandom('moments')
  const orders = 24
  let deaths = 0
  for (let life = 0; life < 20; life++) {
    const patience = random(1)[0]! % 12
    const heard = (): number => Object.values(system.heard()).reduce((sum, count) => sum + count, 0)
    const until = heard() + 3 + patience
    const killWhen = async (over: () => boolean): Promise<void> => {
      while (!over() && heard() < until) await pause(systemClock, 1)
    }
    if (!(await live({ url, port: system.port, orders }, killWhen))) deaths += 1
  }
  expect(await live({ url, port: system.port, orders })).toBe(true)
  expect(deaths).toBeGreaterThan(5)
  await compare(url, system, orders)
})
