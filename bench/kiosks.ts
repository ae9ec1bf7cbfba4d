import type { Bench } from './bench.ts'
import { type Child, startChild, type Usage } from './wire/child.ts'
import type { Running } from './wire/gateway.ts'
import { type Line, openLine } from './wire/lines.ts'
import { atRate, type Latency } from './wire/pace.ts'
import { date, sealed, valueIn } from './wire/sip.ts'

const connections = 8
const kiosks = 1000
const perSecond = 200
const seconds = 20
/** What a library system over a city's network takes for an answer. */
const answersAfter = 10
const mostBytes = 60 * 1024

interface Machine {
  readonly line: Line
  sequence: number
}

/** What people do at a kiosk, in turn: a reader is looked up, a book looked at, borrowed, brought back. */
const visits: readonly ((number: number) => string)[] = [
  n => `63019${date}          AOLIB-0|AA${card(n)}|AC|`,
  n => `17${date}AOLIB-0|AB${book(n)}|AC|`,
  n => `11NN${date}${' '.repeat(18)}AOLIB-0|AA${card(n)}|AB${book(n)}|AC|`,
  n => `09N${date}${date}AP|AOLIB-0|AB${book(n)}|AC|`,
]
const answers = ['64', '18', '121', '101'] as const

const card = (number: number): string => `C${number}`
const book = (number: number): string => `B${number}`

interface Counted {
  wrong: number
  readonly said: Map<string, number>
}

/** One request of one machine; the answer must be a yes about the same reader or book. */
const say = async (machine: Machine, number: number, counted: Counted): Promise<void> => {
  const kind = number % visits.length
  machine.sequence = (machine.sequence + 1) % 10
  const text = visits[kind]!(number)
  counted.said.set(text.slice(0, 2), (counted.said.get(text.slice(0, 2)) ?? 0) + 1)
  const answer = await machine.line.ask(sealed(text, String(machine.sequence)))
  const id = kind === 0 ? 'AA' : 'AB'
  const right = answer.startsWith(answers[kind]!) && valueIn(answer, id) === valueIn(text, id)
  if (!right || answer.at(-7) !== String(machine.sequence)) counted.wrong += 1
}

const logIn = async (port: number, number: number): Promise<Machine> => {
  const line = await openLine(port)
  const user = `kiosk-${Math.floor(number / 10)}`
  const answer = await line.ask(sealed(`9300CN${user}|CObench|CP|`, '0'))
  if (!answer.startsWith('941')) throw new Error(`not let in: ${answer}`)
  return { line, sequence: 0 }
}

/** A few at a time, as after a power cut with some luck. */
const allIn = async (port: number): Promise<Machine[]> => {
  const machines: Machine[] = []
  while (machines.length < kiosks) {
    const next = Array.from({ length: 50 }, (_, i) => logIn(port, machines.length + i))
    machines.push(...(await Promise.all(next)))
  }
  return machines
}

/** The same at the same rate by bare lines to the library system itself: what its answers take in any case. */
const bare = async (port: number, counted: Counted): Promise<Latency> => {
  const lines = await Promise.all(Array.from({ length: connections }, () => openLine(port)))
  const machines = lines.map(line => ({ line, sequence: 0 }))
  const latency = await atRate(machines, perSecond, 5, (machine, n) => say(machine, n + 1_000_000, counted))
  for (const line of lines) line.close()
  return latency
}

const measured = async (acs: Child, gateway: Child) => {
  const ils = await acs.ask<number>('listen')
  await acs.ask('think', answersAfter)
  const wanted = { ils, libraries: 1, connections, kiosks }
  const { kiosks: port } = await gateway.ask<Running>('start', wanted)
  const counted: Counted = { wrong: 0, said: new Map() }
  const first = await logIn(port, 0)
  await atRate([first], 15, 4, (machine, n) => say(machine, n + 2_000_000, counted))
  first.line.close()
  const empty = await gateway.ask<Usage>('usage')
  const machines = await allIn(port)
  const full = await gateway.ask<Usage>('usage')
  const ours = await atRate(machines, perSecond, seconds, (machine, n) => say(machine, n, counted))
  const after = await gateway.ask<Usage>('usage')
  const reference = await bare(ils, counted)
  const stats = await gateway.ask<{ connections: number }>('stats')
  for (const { line } of machines) line.close()
  const acts = await acs.ask<Record<string, number>>('acts')
  const asked = (counted.said.get('11') ?? 0) + (counted.said.get('09') ?? 0)
  const lost = asked - Object.keys(acts).length
  const doubled = Object.values(acts).filter(times => times > 1).length
  return {
    ours,
    reference,
    lost,
    doubled,
    wrong: counted.wrong,
    connected: stats.connections,
    perKiosk: (full.resident - empty.resident) / kiosks,
    perKioskAfter: (after.resident - empty.resident) / kiosks,
    resident: after.resident,
    cpu: (after.cpu - full.cpu) / ours.count,
  }
}

const ms = (value: number): string => value.toFixed(1)
const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`

/** B2b: machines, gateway and library system are three processes that share the machine. */
export const bench: Bench = {
  id: 'B2b',
  title: '1,000 kiosks, 200 requests a second, over 8 connections to the library system',
  goal: 'each answered, each act at the library system exactly once, <= 60 KiB a kiosk; p99 is told',
  run: async () => {
    const acs = startChild('acs')
    const gateway = startChild('gateway')
    try {
      const got = await measured(acs, gateway)
      const { ours, reference, wrong, lost, doubled, perKiosk, perKioskAfter } = got
      return {
        ratio: reference.p50 / ours.p50,
        met: wrong + lost + doubled === 0 && got.connected === kiosks && perKioskAfter <= mostBytes,
        detail: {
          'the library system answers after, ms': answersAfter,
          requests: ours.count,
          'a second': Math.round(ours.rate),
          'p50 and p99, ms': `${ms(ours.p50)} ${ms(ours.p99)}`,
          'p50 and p99 of bare lines, ms': `${ms(reference.p50)} ${ms(reference.p99)}`,
          'wrong answers': wrong,
          'acts lost': lost,
          'acts done twice': doubled,
          'connected at the end': got.connected,
          'CPU of the gateway a request, µs': Math.round(got.cpu * 1e6),
          'memory a kiosk that has logged in': kib(perKiosk),
          'memory a kiosk after its requests': kib(perKioskAfter),
          'memory of the gateway then': `${(got.resident / 1024 / 1024).toFixed(0)} MiB`,
        },
      }
    } finally {
      await Promise.all([gateway.close(), acs.close()])
    }
  },
}
