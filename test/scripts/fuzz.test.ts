import { describe, expect, it } from 'vitest'
import { attemptOn, fuzz, mostMillis } from '../../scripts/fuzz/engine.ts'
import { Chance } from '../../scripts/fuzz/random.ts'
import { conversations } from '../../scripts/fuzz/server.ts'
import type { Target } from '../../scripts/fuzz/target.ts'
import { targets } from '../../scripts/fuzz/targets.ts'
import { Session, type Step } from '../../src/gateway/sip2-server/session.ts'

const clock = () => performance.now()
const run = (list: readonly Target[], inputs: number, seed = 1) =>
  fuzz({ seed, inputs, time: 0, targets: list, now: clock })

describe('a small part of every fuzz run', () => {
  it.each(targets.map(target => [target.name, target] as const))('%s', async (_, target) => {
    const { failures, tallies } = await run([target], 3000)
    expect(failures).toEqual([])
    expect(tallies[0]?.inputs).toBeGreaterThanOrEqual(3000)
  })
})

/** Believes every message whatever its sum says. */
class Credulous extends Session {
  override take(line: Uint8Array, now: number, status: string): Step {
    const text = Buffer.from(line)
    const end = /(AY\d)?AZ[0-9A-Fa-f]{1,4} *$/.exec(text.toString('latin1'))
    return super.take(end ? text.subarray(0, end.index) : text, now, status)
  }
}

/** Carries out what is sent again. */
class Forgetful extends Session {
  override take(line: Uint8Array, now: number, status: string): Step {
    const step = super.take(line, now, status)
    if (step.do !== 'send' || step.why !== 'duplicate') return step
    const fresh = new Forgetful(this.speech)
    fresh.loggedIn(this.account)
    return fresh.take(line, now, status)
  }
}

describe('the fuzz run', () => {
  it.each([
    ['believes wrong sums', Credulous, 'with a wrong sum'],
    ['carries out repetitions', Forgetful, 'twice by the same message'],
  ])('finds a server that %s', async (_, Careless, found) => {
    const { failures } = await run([conversations(speech => new Careless(speech))], 20_000)
    expect(failures.map(({ error }) => error)).toContainEqual(expect.stringContaining(found))
  })

  it('makes the same inputs of the same seed, and a failing one can be tried again', async () => {
    for (const target of targets) {
      const made = JSON.stringify(target.make(new Chance(5, 17)))
      expect(JSON.stringify(target.make(new Chance(5, 17)))).toBe(made)
      expect(JSON.stringify(target.make(new Chance(6, 17)))).not.toBe(made)
      expect(await attemptOn(target, JSON.parse(made))).toBeUndefined()
    }
  })

  it('tells what throws, what hangs and what keeps memory, and ends after its time', async () => {
    const target = (check: Target['check']): Target => ({
      name: 'x',
      share: 1,
      inputs: 1,
      make: () => 1,
      check,
    })
    const thrown = await run([target(() => Promise.reject(new Error('no')))], 50)
    expect(thrown.failures[0]).toMatchObject({ error: 'no', number: 0, made: 1 })
    expect(thrown.failures.length).toBeLessThanOrEqual(10)
    let at = 0
    const slow = await fuzz({
      seed: 1,
      inputs: 1,
      time: 0,
      targets: [
        target(() => {
          at += mostMillis + 1
        }),
      ],
      now: () => at,
    })
    expect(slow.failures[0]?.error).toMatch(/^takes/)
    let used = 0
    const growing = await fuzz({
      seed: 1,
      inputs: 9,
      time: 0,
      targets: [
        target(() => {
          used += 10_000_000
        }),
      ],
      now: clock,
      memory: () => used,
    })
    expect(growing.failures[0]?.error).toContain('memory grew')
    let now = 0
    const timed = await fuzz({
      seed: 1,
      inputs: 1000,
      time: 20,
      targets: [target(() => {})],
      now: () => now++,
    })
    expect(timed.tallies[0]?.cases).toBeLessThan(20)
  })
})
