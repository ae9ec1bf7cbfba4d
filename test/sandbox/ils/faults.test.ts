import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { seededRandom } from '../../../src/kernel/ids.ts'
import { gb18030Plain, utf8Checksums } from '../../../src/sandbox/ils/dialect.ts'
import { type Fault, Faults } from '../../../src/sandbox/ils/faults.ts'
import { type SandboxIls, startSandboxIls } from '../../../src/sandbox/ils/sandbox-ils.ts'
import { library, start } from './library.ts'
import { az, sealed, Terminal } from './terminal.ts'

const now = '20261015    093000'
const lend = (digit: number, barcode = 'B2001') =>
  sealed(`11YN${now}${' '.repeat(18)}AOSZTEST|AAR0001|AB${barcode}|AC|`, digit)
const status = (digit: number) => sealed('9900802.00', digit)

let clock: ManualClock
let sandbox: SandboxIls
let terminal: Terminal
const lent = () => sandbox.state.counts().checkout.done

beforeEach(async () => {
  clock = new ManualClock(start)
  sandbox = await startSandboxIls({
    name: 'test',
    dialect: { ...utf8Checksums, requiresLogin: false },
    seed: library(),
    clock,
    random: seededRandom('faults'),
  })
  terminal = await Terminal.dial(sandbox.port)
})
afterEach(async () => {
  terminal.hangUp()
  await sandbox.close()
})
const set = (fault: Fault) => sandbox.faults.set({ on: '11', fault })

describe('answers that get lost', () => {
  it('says nothing and has done nothing', async () => {
    set({ kind: 'silence', act: 'not-done' })
    terminal.send(lend(1))
    expect((await terminal.ask(status(2))).toString()).toMatch(/^98/)
    expect(lent()).toBe(0)
  })

  it('says nothing but has acted, and repeats its answer without acting again', async () => {
    set({ kind: 'silence', act: 'done' })
    terminal.send(lend(1))
    expect((await terminal.ask(lend(1))).toString()).toMatch(/^121/)
    expect(lent()).toBe(1)
  })

  it.each([
    ['before-act', 0],
    ['after-act', 1],
  ] as const)('cuts the line %s', async (when, done) => {
    set({ kind: 'reset', when })
    terminal.send(lend(1))
    await terminal.gone()
    expect(terminal.failed).toBe('ECONNRESET')
    expect(lent()).toBe(done)
  })

  it('cuts the line in the middle of the answer', async () => {
    set({ kind: 'reset', when: 'mid-answer' })
    const rest = await terminal.ask(lend(1))
    expect(rest.toString()).toMatch(/^121/)
    expect(rest.toString()).not.toMatch(/AZ/)
    expect(terminal.ended).toBe(true)
    expect(lent()).toBe(1)
  })

  it('hangs up without an answer after it has acted', async () => {
    set({ kind: 'half-close' })
    expect((await terminal.ask(lend(1))).toString()).toBe('')
    expect(lent()).toBe(1)
  })

  it('answers late, after the next request was sent, in the order of the requests', async () => {
    set({ kind: 'delay', by: 60_000 })
    terminal.send(lend(1))
    terminal.send(status(2))
    const late = terminal.line('\r')
    while (sandbox.heard()['11'] === undefined) await clock.advance(0)
    expect(lent()).toBe(1)
    await clock.advance(60_000)
    expect((await late).toString()).toMatch(/^121/)
    expect((await terminal.line('\r')).toString()).toMatch(/^98/)
  })
})

it('acts late when it is slow, also after the terminal has gone', async () => {
  set({ kind: 'slow', by: 60_000 })
  terminal.send(lend(1))
  while (sandbox.heard()['11'] === undefined) await clock.advance(0)
  terminal.hangUp()
  expect(lent()).toBe(0)
  await clock.advance(60_000)
  expect(lent()).toBe(1)
})

describe('answers that are spoilt', () => {
  it('sends a wrong checksum, and the right one when asked again', async () => {
    set({ kind: 'wrong-checksum' })
    const bad = await terminal.ask(lend(1))
    expect(az(bad.subarray(0, -4))).not.toBe(bad.subarray(-4).toString())
    const good = await terminal.ask('97AZFEF5\r')
    expect(az(good.subarray(0, -4))).toBe(good.subarray(-4).toString())
    expect(good.subarray(0, -4)).toEqual(bad.subarray(0, -4))
    expect(lent()).toBe(1)
  })

  it('answers a request that nobody sent, soundly', async () => {
    set({ kind: 'wrong-sequence' })
    const line = await terminal.ask(lend(1))
    expect(line.toString()).toMatch(/AY6AZ....$/)
    expect(az(line.subarray(0, -4))).toBe(line.subarray(-4).toString())
  })

  it('answers twice', async () => {
    set({ kind: 'twice' })
    expect(await terminal.ask(lend(1))).toEqual(await terminal.line('\r'))
    expect(lent()).toBe(1)
  })

  it('ends the line before the answer is over', async () => {
    set({ kind: 'truncated' })
    expect((await terminal.ask(lend(1))).toString()).toMatch(/^121(?!.*AZ)/)
  })

  it('answers in another charset, with the checksum of those bytes', async () => {
    set({ kind: 'encoding', encoding: 'gb18030' })
    const line = await terminal.ask(lend(1))
    expect(line.indexOf(Buffer.from('cdbccae9b9ddd1a7bbf9b4a1', 'hex'))).toBeGreaterThan(0)
    expect(az(line.subarray(0, -4))).toBe(line.subarray(-4).toString())
  })

  it('says something that is no message', async () => {
    set({ kind: 'noise' })
    expect((await terminal.ask(lend(1))).toString()).toBe('Problems handling the request')
  })

  it('refuses in the words it is given, and does nothing', async () => {
    set({ kind: 'refusal', say: { zh: '盘点中', en: 'Stocktaking' } })
    expect((await terminal.ask(lend(1))).toString()).toContain('|AF盘点中|AFStocktaking|')
    expect(lent()).toBe(0)
  })

  it('gives its status in place of the answer', async () => {
    set({ kind: 'status-instead' })
    expect((await terminal.ask(lend(1))).toString()).toMatch(/^98YYY/)
    expect(lent()).toBe(0)
  })
})

describe('night', () => {
  it('is not on-line: 98 with N for everything, and no act', async () => {
    await sandbox.faults.close('offline')
    expect((await terminal.ask(status(1))).toString()).toMatch(/^98NNN/)
    expect((await terminal.ask(lend(2))).toString()).toMatch(/^98NNN/)
    await sandbox.faults.close('open')
    expect((await terminal.ask(lend(3))).toString()).toMatch(/^121/)
  })

  it('is not there at all, and is back in the morning on the same port', async () => {
    await sandbox.faults.close('refuse-connections')
    await terminal.gone()
    await expect(Terminal.dial(sandbox.port)).rejects.toThrow(/ECONNREFUSED/)
    await sandbox.faults.close('open')
    terminal = await Terminal.dial(sandbox.port)
    expect((await terminal.ask(status(1))).toString()).toMatch(/^98Y/)
  })
})

describe('when a fault strikes', () => {
  const struck = (faults: Faults, commands: readonly string[]) =>
    commands.map(command => faults.next(command)?.kind ?? '-')

  it('counts, skips, and keeps to its command', () => {
    const faults = new Faults(seededRandom('x'))
    faults.set({ on: '11', fault: { kind: 'twice' }, times: 2, skip: 1 })
    expect(struck(faults, ['11', '09', '11', '11', '11'])).toEqual(['-', '-', 'twice', 'twice', '-'])
    expect(faults.struck()).toEqual({ twice: 2 })
  })

  it('follows its probability, the same way for the same seed', () => {
    const run = () => {
      const faults = new Faults(seededRandom('seed'))
      faults.set({ on: '*', fault: { kind: 'noise' }, times: Number.POSITIVE_INFINITY, chance: 0.25 })
      return struck(
        faults,
        Array.from({ length: 1000 }, () => '11'),
      )
    }
    const hits = run().filter(kind => kind === 'noise').length
    expect(hits).toBeGreaterThan(200)
    expect(hits).toBeLessThan(300)
    expect(run()).toEqual(run())
  })

  it('can be taken away before it strikes', () => {
    const faults = new Faults(seededRandom('x'))
    const remove = faults.set({ on: '11', fault: { kind: 'twice' } })
    remove()
    expect(struck(faults, ['11'])).toEqual(['-'])
  })
})

it('leaves a library without error detection unspoilt by a wrong checksum', async () => {
  const plain = await startSandboxIls({
    name: 'plain',
    dialect: gb18030Plain,
    seed: library(),
    clock,
    random: seededRandom('plain'),
  })
  plain.faults.set({ on: '99', fault: { kind: 'wrong-checksum' } })
  const other = await Terminal.dial(plain.port)
  expect((await other.ask('9900802.00\r')).toString('latin1')).toMatch(/^98.*\|$/)
  other.hangUp()
  await plain.close()
})
