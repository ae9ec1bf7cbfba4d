import { type Bench, median } from './bench.ts'
import { type Child, startChild } from './wire/child.ts'
import type { Running } from './wire/gateway.ts'
import { type Client, type Line, openClient, openLine } from './wire/lines.ts'
import { atRate, flatOut, type Latency } from './wire/pace.ts'
import { askItem, isOut } from './wire/sip.ts'

const connections = 8
const clients = 64
/** More than are remembered at a time: no answer is given twice. */
const books = 20_000
const rounds = 3
const seconds = 1.2
const calm = 4
/** What a library system over a city's network takes for an answer. */
const slowAnswer = 10

interface Book {
  readonly id: string
  readonly barcode: string
}

/** Ours and the bare loop ask the same library system about the same books. */
interface Sides {
  readonly ours: readonly Client[]
  /** Clients of a bare HTTP server before the bare loop. */
  readonly plain: readonly Client[]
  readonly bare: readonly Line[]
  readonly askOurs: (client: Client) => Promise<void>
  readonly askPlain: (client: Client) => Promise<void>
  readonly askBare: (line: Line) => Promise<void>
  /** Questions that were put, of each. */
  readonly count: { ours: number; plain: number; bare: number }
}

const sidesOf = async (
  ports: { ours: number; plain: number; ils: number },
  all: readonly Book[],
): Promise<Sides> => {
  const count = { ours: 0, plain: 0, bare: 0 }
  const expected = (barcode: string): string => `"status":"${isOut(barcode) ? 'lent' : 'free'}"`
  const sequences = new Map<Line, number>()
  return {
    count,
    ours: await Promise.all(Array.from({ length: clients }, () => openClient(ports.ours))),
    plain: await Promise.all(Array.from({ length: clients }, () => openClient(ports.plain))),
    bare: await Promise.all(Array.from({ length: connections }, () => openLine(ports.ils))),
    askOurs: async client => {
      const { id, barcode } = all[count.ours++ % all.length]!
      const body = await client.get(`/api/records/${id}`)
      if (!body.includes(`"${barcode}"`) || !body.includes(expected(barcode)))
        throw new Error(`the library system was not asked: ${body.slice(0, 600)}`)
    },
    askPlain: async client => {
      const { barcode } = all[count.plain++ % all.length]!
      const body = await client.get(`/items/${barcode}`)
      if (!body.includes(expected(barcode))) throw new Error(`another item was told: ${body}`)
    },
    askBare: async line => {
      const { barcode } = all[count.bare++ % all.length]!
      const sequence = (sequences.get(line) ?? -1) + 1
      sequences.set(line, sequence)
      const answer = await line.ask(askItem(barcode, sequence))
      if (!answer.includes(barcode)) throw new Error('another item was told')
    },
  }
}

interface Rates {
  readonly ratio: number
  readonly ours: number
  readonly plain: number
  readonly bare: number
}

/** All flat out, in turn. */
const ratesOf = async ({ ours, plain, bare, askOurs, askPlain, askBare }: Sides): Promise<Rates> => {
  const taken: Rates[] = []
  for (let round = 0; round <= rounds; round++) {
    const a = await flatOut(ours, seconds, askOurs)
    const b = await flatOut(bare, seconds, askBare)
    const c = await flatOut(plain, seconds, askPlain)
    if (round > 0) taken.push({ ratio: a.rate / b.rate, ours: a.rate, plain: c.rate, bare: b.rate })
  }
  const of = (figure: keyof Rates): number => median(taken.map(one => one[figure]))
  return { ratio: of('ratio'), ours: of('ours'), plain: of('plain'), bare: of('bare') }
}

/** Both at the same rate: half of what ours can do. */
const calmly = async (
  { ours, bare, askOurs, askBare }: Sides,
  rate: number,
): Promise<{ ours: Latency; bare: Latency }> => ({
  ours: await atRate(ours, rate, calm, askOurs),
  bare: await atRate(bare, rate, calm, askBare),
})

const ms = (value: number): string => value.toFixed(1)

const measured = async (acs: Child, gateway: Child, http: Child) => {
  const ils = await acs.ask<number>('listen')
  const wanted = { ils, libraries: 1, connections }
  const { port: ours } = await gateway.ask<Running>('start', wanted)
  const plain = await http.ask<number>('start', { ils, connections })
  const all = await gateway.ask<Book[]>('fill', books)
  const sides = await sidesOf({ ours, plain, ils }, all)
  const fast = await ratesOf(sides)
  const fastCalm = await calmly(sides, fast.ours / 2)
  await acs.ask('think', slowAnswer)
  const slow = await ratesOf(sides)
  const slowCalm = await calmly(sides, slow.ours / 2)
  const heard = await acs.ask<Record<string, number>>('heard')
  for (const one of [...sides.ours, ...sides.plain, ...sides.bare]) one.close()
  const asked = sides.count.ours + sides.count.plain + sides.count.bare
  return { fast, fastCalm, slow, slowCalm, answered: heard['17'] === asked }
}

const detailOf = (rates: Rates, { ours, bare }: { ours: Latency; bare: Latency }, name: string) => ({
  [`${name}: ratio`]: rates.ratio.toFixed(2),
  [`${name}: a second, ours`]: Math.round(rates.ours),
  [`${name}: a second, bare`]: Math.round(rates.bare),
  [`${name}: a second, bare behind Node's HTTP server`]: Math.round(rates.plain),
  [`${name}: half load, a second`]: Math.round(ours.rate),
  [`${name}: p50 and p99 at half load, ours, ms`]: `${ms(ours.p50)} ${ms(ours.p99)}`,
  [`${name}: p50 and p99 at half load, bare, ms`]: `${ms(bare.p50)} ${ms(bare.p99)}`,
  [`${name}: added p99, ms`]: ms(ours.p99 - bare.p99),
})

/**
 * B2: a record is asked for by HTTP, its one copy's status comes by SIP2 from the library system. Clients, gateway
 * and library system are three processes, the bare loop and the library system are two; all share the machine. What
 * counts is a library system that takes 10 ms, which is quick for one; before one that answers at once the bare loop
 * makes tens of thousands of exchanges a second, more than Node's own HTTP server answers, and that is told as well.
 */
export const bench: Bench = {
  id: 'B2',
  title: 'item status: HTTP to SIP2 to the library system, 8 connections, 64 clients',
  goal: '>= 70 % of the rate of a bare socket loop on 8 connections; added p99 <= 5 ms at half load',
  run: async () => {
    const acs = startChild('acs')
    const gateway = startChild('gateway')
    const http = startChild('bare-http')
    try {
      const { fast, fastCalm, slow, slowCalm, answered } = await measured(acs, gateway, http)
      if (!answered) throw new Error('not every answer came from the library system')
      const added = slowCalm.ours.p99 - slowCalm.bare.p99
      return {
        ratio: slow.ratio,
        met: slow.ratio >= 0.7 && added <= 5,
        detail: {
          ...detailOf(slow, slowCalm, `answers after ${slowAnswer} ms`),
          ...detailOf(fast, fastCalm, 'answers at once'),
        },
      }
    } finally {
      await Promise.all([gateway.close(), http.close(), acs.close()])
    }
  },
}
