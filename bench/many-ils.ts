import type { Bench } from './bench.ts'
import { startChild, type Usage } from './wire/child.ts'
import type { Latency } from './wire/pace.ts'

const sizes = [1, 10, 100] as const
const perSecond = 500
const seconds = 8
/** Of each library system. */
const connections = 2
const most = 1.5

interface Measured {
  readonly libraries: number
  /** Microseconds of CPU an exchange. */
  readonly cpu: number
  readonly p50: number
  readonly p99: number
  /** Bytes of the gateway's memory, with all connections open. */
  readonly resident: number
  /** The same of live objects: what a library system adds is too little to see in the whole process. */
  readonly live: number
  readonly wrong: number
}

type Exchanges = Latency & { readonly cpu: number; readonly wrong: number }

const measure = async (ils: number, libraries: number): Promise<Measured> => {
  const gateway = startChild('gateway')
  try {
    await gateway.ask('start', { ils, libraries, connections })
    const warmUp = { libraries, perSecond, seconds: 3 }
    await gateway.ask<Exchanges>('exchanges', warmUp)
    const got = await gateway.ask<Exchanges>('exchanges', { libraries, perSecond, seconds })
    const { resident, live } = await gateway.ask<Usage>('usage')
    const { cpu, p50, p99, wrong } = got
    return { libraries, cpu, p50, p99, resident, live, wrong }
  } finally {
    await gateway.close()
  }
}

const growth = (of: readonly Measured[], figure: (one: Measured) => number): number[] =>
  of.slice(1).map((one, i) => figure(one) / figure(of[i]!))

const told = (factors: readonly number[]): string => factors.map(factor => factor.toFixed(2)).join(' and ')

/** B2c: the whole gateway with so many libraries, each with a library system of its own; the same load in all. */
export const bench: Bench = {
  id: 'B2c',
  title: 'growth with 1, 10 and 100 library systems connected, 500 exchanges a second together',
  goal: 'CPU and p50 of an exchange grow <= 1.5 x per 10 x library systems; memory a library system is told',
  run: async () => {
    const acs = startChild('acs')
    try {
      const ils = await acs.ask<number>('listen')
      const all: Measured[] = []
      for (const libraries of sizes) all.push(await measure(ils, libraries))
      const cpu = growth(all, one => one.cpu)
      const p50 = growth(all, one => one.p50)
      const [one, ten, hundred] = all as [Measured, Measured, Measured]
      const worst = Math.max(...cpu, ...p50)
      const wrong = all.reduce((sum, each) => sum + each.wrong, 0)
      return {
        ratio: worst,
        met: worst <= most && wrong === 0,
        detail: {
          'CPU an exchange, µs': all.map(each => Math.round(each.cpu)).join(' '),
          'CPU grows by': told(cpu),
          'p50, ms': all.map(each => each.p50.toFixed(2)).join(' '),
          'p50 grows by': told(p50),
          'p99, ms': all.map(each => each.p99.toFixed(2)).join(' '),
          'p99 grows by': told(growth(all, each => each.p99)),
          'wrong answers': wrong,
          'memory of the gateway, MiB': all.map(each => Math.round(each.resident / 2 ** 20)).join(' '),
          'memory a library system, KiB': `${perIls(one, ten)} ${perIls(ten, hundred)}`,
        },
      }
    } finally {
      await acs.close()
    }
  },
}

const perIls = (fewer: Measured, more: Measured): number =>
  Math.round((more.live - fewer.live) / 1024 / (more.libraries - fewer.libraries))
