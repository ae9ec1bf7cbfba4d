import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { dueForm } from '../../../../../src/adapters/ils/sip2/probe/due-format.ts'
import { type Given, usualGiven } from '../../../../../src/adapters/ils/sip2/probe/given.ts'
import type { ProbeWire } from '../../../../../src/adapters/ils/sip2/probe/step.ts'
import { switchesOf } from '../../../../../src/adapters/ils/sip2/probe/switches.ts'
import type { Sip2SettingsInput } from '../../../../../src/adapters/ils/sip2/settings.ts'
import { ManualClock } from '../../../../../src/kernel/clock.ts'
import { orThrow } from '../../../../../src/kernel/problem.ts'
import { examineSip2 } from '../../../../../src/main/sip2-doctor.ts'
import {
  type Dialect,
  dp2Manner,
  gb18030Plain,
  kohaManner,
  serves,
  utf8Checksums,
} from '../../../../../src/sandbox/ils/dialect.ts'
import { manners } from '../../../../../src/sandbox/ils/manners.ts'
import { IlsState } from '../../../../../src/sandbox/ils/state.ts'
import { link, oddSite } from '../../../../contracts/sip2.ts'
import { library, start } from '../../../../sandbox/ils/library.ts'
import { type EndsAt, inVirtualTime, sessionWire } from './session-wire.ts'

/** A test card as the pages ask for it: two loans, a hold that is still to come, and a fine. */
const prepared = (clock: ManualClock): IlsState => {
  const state = new IlsState(library(), clock)
  expect(state.desk.lend('R0001', 'B2001').ok).toBe(true)
  expect(state.desk.lend('R0001', 'B3001').ok).toBe(true)
  expect(state.desk.hold({ card: 'R0001', barcode: 'M001', pickup: 'GSQ' }).ok).toBe(true)
  state.desk.charge('R0001', 300, '超期', '04')
  return state
}

const given: Given = {
  ...usualGiven,
  host: 'ils.test',
  port: 6001,
  user: 'gateway',
  password: 's3cret',
  location: 'GSQ',
  patron: 'R0001',
  pin: '1234',
  wrongPin: true,
  item: 'M002',
}

const examine = async (dialect: Dialect, more: Partial<Given> = {}, endsAt: EndsAt = 'any') => {
  const clock = new ManualClock(start)
  const state = prepared(clock)
  const before = state.snapshot()
  const wire = sessionWire(state, dialect, clock, endsAt)
  const told = await inVirtualTime(clock, examineSip2({ ...given, ...more }, wire, clock))
  return {
    ...told.value,
    took: told.took,
    log: wire.log,
    state,
    before,
    found: switchesOf(told.value.facts, { ...given, ...more }),
  }
}

const reads = new Set(['93', '97', '99', '17', '23', '35', '63'])

/** What the switches must be for a dialect of the sandbox, as far as they show from outside. */
const truth = (dialect: Dialect): Record<string, unknown> => {
  const off = dialect.checksums === 'off'
  const asks99 = serves(dialect.supported, '99')
  const claimed = asks99 ? (dialect.claimed ?? dialect.supported) : 'Y'.repeat(16)
  const untrue = ['17', '23', '35', '63', ...(dialect.answersOnce ? [] : ['97'])].filter(
    command => serves(claimed, command) && !serves(dialect.supported, command),
  )
  return {
    encoding: dialect.encoding,
    loginEncoding: dialect.loginEncoding,
    terminator: 'cr',
    delimiter: dialect.delimiter,
    sendChecksum: !off,
    ...(off ? {} : { ignoreSequence: dialect.checksums === 'dp2' }),
    verifyChecksum: { off: 'lenient', on: 'strict', mirror: 'strict', 'utf-16': 'lenient', dp2: 'lenient' }[
      dialect.checksums
    ],
    login: dialect.loginBy === 'telnet' ? 'telnet' : '93',
    zone: dialect.dateZone === '0000' ? '0000' : dialect.dateZone === 'blank' ? 'blank' : undefined,
    itemListContent: dialect.itemListContent,
    pageSize: dialect.listPages === 'ignored' ? 0 : undefined,
    holdCountMeaning: dialect.holdCountMeaning,
    fineFormat: dialect.fineFormat,
    negativeFeeMeansOwed: dialect.negativeFees,
    checksPin: dialect.checksPin,
    notServed: untrue,
    heedSupported: asks99 ? true : undefined,
    oneRequestPerConnection: dialect.answersOnce,
    sendScStatus: asks99 ? 'after-login' : 'never',
    maxConnections: Math.min(2, dialect.maxConnections),
  }
}

const resent = ({ supported, unknownCommand, resendSequence }: Dialect) =>
  serves(supported, '97')
    ? resendSequence
    : ({ '96': '96', close: 'closed', ignore: 'silence', sentence: 'other' } as const)[unknownCommand]

/** Nothing is repeated where there is no number, or one question a line; a strict count refuses the same number. */
const repeated = ({ checksums, answersOnce, strictSequence, duplicateRule }: Dialect) => {
  if (answersOnce) return undefined
  if (strictSequence) return 'unclear'
  return duplicateRule && checksums !== 'off' && checksums !== 'dp2' ? 'remembered' : 'again'
}

const known = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const everyDialect: Readonly<Record<string, Dialect>> = {
  ...manners,
  odd: oddSite.dialect,
  'very odd': {
    ...oddSite.dialect,
    listPages: 'ignored',
    foreignInstitution: 'ignore',
    maxConnections: 3,
    delimiter: '^',
  },
}

describe.each(Object.entries(everyDialect))(
  'the doctor before a library system in the manner %s',
  (_, dialect) => {
    it('finds what it really does', async () => {
      const { found, facts, verdicts } = await examine(dialect)
      expect(found).toMatchObject(known(truth(dialect)))
      expect(
        verdicts.filter(({ state, topic }) => state === 'bad' && topic !== (dialect.checksPin ? '' : 'pin')),
      ).toEqual([])
      expect(facts.sums.without).toBe(dialect.checksums === 'on' ? '96' : 'answer')
      if (!dialect.answersOnce) expect(facts.resend).toBe(resent(dialect))
      expect(facts.repeat).toBe(repeated(dialect))
      expect(facts.foreignInstitution).toBe(dialect.foreignInstitution === 'accept' ? 'answer' : 'silence')
      expect(facts.patron).toMatchObject({
        rightPin: 'Y',
        wrongPin: dialect.checksPin ? 'N' : 'Y',
        blankPin:
          dialect.blankPin === 'Y' || !dialect.checksPin ? 'Y' : dialect.blankPin === 'N' ? 'N' : 'not-told',
      })
      expect(facts.connections).toMatchObject(
        dialect.maxConnections > 4
          ? { opened: 4, end: 'bound' }
          : { opened: Math.min(4, dialect.maxConnections) },
      )
      expect(dueForm(facts.dueTexts, 'Asia/Shanghai')).toMatchObject(
        {
          sip: { is: 'usual', format: 'sip' },
          date: { is: 'usual', format: 'YYYY-MM-DD' },
          'date-time': { is: 'usual', format: 'YYYY-MM-DD HH:mm:ss' },
          iso: { is: 'usual', format: 'YYYY-MM-DDTHH:mm:ssZ' },
          iii: { is: 'own', format: 'M/D/YYYY,HH:mm' },
        }[dialect.dueDateFormat],
      )
    })

    it('asks one thing at a time, and nothing but questions', async () => {
      const { log, state, before } = await examine(dialect)
      expect(log.mostAtOnce).toBe(1)
      expect(log.said.filter(command => !reads.has(command))).toEqual([])
      expect(log.said.length).toBeLessThanOrEqual(80)
      expect(log.mostOpen).toBeLessThanOrEqual(4)
      expect(log.opened).toBeLessThanOrEqual(32)
      expect(state.snapshot()).toEqual(before)
      expect(
        Object.values(state.counts())
          .flatMap(tallies => Object.values(tallies))
          .every(count => count === 0),
      ).toBe(true)
    })

    it('writes settings with which a client does a round of real work', async () => {
      const { settings } = await examine(dialect)
      const { ils: written } = parse(settings!) as { ils: Sip2SettingsInput & { driver: string } }
      const { driver, host, port, ...own } = written
      expect([driver, host, port]).toEqual(['sip2', 'ils.test', 6001])
      expect(settings).not.toContain('s3cret')
      const login = own.login ? { login: { ...own.login, password: 's3cret' } } : {}
      const { ils, sandbox, close } = await link({ name: 'written', dialect, settings: { ...own, ...login } })
      const act = (key: string) => ({ key, repeated: false, at: start })
      try {
        expect(orThrow(await ils.patron({ card: 'R0002', pin: '1234' }))).toMatchObject({
          name: '沈億東',
          pinValid: dialect.checksPin ? true : null,
        })
        expect(orThrow(await ils.patron({ card: 'R0002', pin: '9999' })).pinValid).not.toBe(true)
        expect(orThrow(await ils.item('B1001'))).toMatchObject({
          title: '園林東西：億年之質',
          status: 'available',
        })
        const loan = orThrow(await ils.checkout({ ...act('a'), card: 'R0002', barcode: 'B1001' }))
        expect(loan.dueAt).toBeGreaterThan(start)
        expect(orThrow(await ils.patron({ card: 'R0007', list: 'charged' })).items).toHaveLength(25)
        if (serves(dialect.supported, '15')) {
          expect(
            await ils.placeHold({ ...act('b'), card: 'R0002', barcode: 'M001', pickupLocation: 'GSQ' }),
          ).toMatchObject({ ok: true })
          expect(orThrow(await ils.patron({ card: 'R0002' })).counts.unavailableHolds).toBe(1)
          expect(await ils.cancelHold({ ...act('c'), card: 'R0002', barcode: 'M001' })).toMatchObject({
            ok: true,
          })
        }
        expect(
          await ils.checkin({ ...act('d'), barcode: 'B1001', returnedAt: start, location: 'GSQ' }),
        ).toMatchObject({ ok: true })
        expect(sandbox.state.counts().checkout.done + sandbox.state.counts().checkin.done).toBe(2)
      } finally {
        await close()
      }
    })
  },
)

describe('the doctor', () => {
  it('names the dialect of a GB18030 system, and says what remains open', async () => {
    const { dialect, settings, verdicts } = await examine(gb18030Plain, {
      user: undefined,
      patron: undefined,
      item: undefined,
    })
    expect(dialect).toBe('gb18030-plain')
    expect(parse(settings!)).toMatchObject({ ils: { dialect: 'gb18030-plain', profile: { login: 'none' } } })
    expect(verdicts.find(({ topic }) => topic === 'lists')).toMatchObject({
      state: 'unknown',
      help: { en: expect.stringContaining('--patron') },
    })
    expect(settings).toContain('没有查明')
  })

  it('tells a system in the manner of dp2 from others', async () => {
    const { dialect } = await examine(dp2Manner)
    expect(dialect).toBe('dp2')
  })

  it('finds a system that takes a message only at a line feed', async () => {
    const { found, verdicts } = await examine(utf8Checksums, {}, 'lf')
    expect(found).toMatchObject({ terminator: 'crlf', sendChecksum: true, login: '93' })
    expect(verdicts.filter(({ state }) => state === 'bad')).toEqual([])
  })

  it('finds a system that answers only what carries AC and AD', async () => {
    const clock = new ManualClock(start)
    const inner = sessionWire(prepared(clock), utf8Checksums, clock)
    const wire: ProbeWire = {
      ...inner,
      say: (line, bytes, patience, deaf) => {
        const text = Buffer.from(bytes).toString('latin1')
        const lacks = /^(23|63|17|35)/.test(text) && !/\|AC\|/.test(text)
        return inner.say(line, lacks ? Buffer.from('77\r') : bytes, patience, deaf)
      },
    }
    const { value } = await inVirtualTime(clock, examineSip2(given, wire, clock))
    expect(switchesOf(value.facts, given)).toMatchObject({ emptyFields: ['AC', 'AD'], notServed: [] })
    expect(value.facts.patron).toMatchObject({ known: true, rightPin: 'Y' })
    expect(value.settings).toContain('emptyFields')
  })

  it('uses a refused account once only', async () => {
    const { log, verdicts, facts } = await examine(utf8Checksums, { password: 'wrong' })
    expect(log.said.filter(command => command === '93')).toHaveLength(1)
    expect(facts.login).toMatchObject({ outcome: 'refused' })
    expect(verdicts.find(({ topic }) => topic === 'login')).toMatchObject({
      state: 'bad',
      help: { en: expect.stringContaining('lock accounts') },
    })
  })

  it('tries no log-in without an account, and a wrong PIN only when told to', async () => {
    const { log } = await examine(utf8Checksums, { user: undefined })
    expect(log.said).not.toContain('93')
    const { facts } = await examine(utf8Checksums, { wrongPin: false })
    expect(facts.patron?.wrongPinTried).toBeUndefined()
  })

  it('lends and takes back only with leave, and leaves all as it was', async () => {
    const { facts, state, before, found } = await examine(kohaManner, {
      allowChanges: true,
      item: 'B1001',
      patron: 'R0002',
    })
    expect(facts.changes).toEqual({ done: ['11', '09'], left: [], now: 'available' })
    expect(state.snapshot()).toEqual(before)
    expect(found.dueDateFormats?.[0]).toBe('sip')
    const lent = await examine(utf8Checksums, { allowChanges: true, item: 'M002' })
    expect(lent.facts.changes).toBeUndefined()
    expect(lent.state.counts().checkout).toEqual({ done: 0, refused: 0, idle: 0 })
  })

  it('takes an item that travels home behind its return as taken back, and says where it is', async () => {
    const changes = { allowChanges: true, item: 'B1002', patron: 'R0002' }
    const { facts, verdicts } = await examine(kohaManner, changes)
    expect(facts.changes).toEqual({ done: ['11', '09'], left: [], now: 'in-transit' })
    expect(verdicts.find(({ topic }) => topic === 'changes')).toMatchObject({
      state: 'look',
      say: { en: expect.stringContaining('in-transit') },
    })
    const home = await examine(kohaManner, { ...changes, location: 'PJL' })
    expect(home.verdicts.find(({ topic }) => topic === 'changes')).toMatchObject({ state: 'found' })
  })

  it('does not say what a system answers behind a log-in that did not come about', async () => {
    const { verdicts } = await examine(utf8Checksums, { password: 'wrong' })
    expect(verdicts.find(({ topic }) => topic === 'status')?.say.en).toBe('99 is answered before any log-in')
  })

  it('finds what any mixture of manners does, and stays within its bounds', async () => {
    const mixture: fc.Arbitrary<Dialect> = fc
      .record({
        encoding: fc.constantFrom('utf-8', 'gb18030'),
        terminator: fc.constantFrom('\r', '\r\n', '\n'),
        checksums: fc.constantFrom('off', 'on', 'mirror', 'dp2'),
        duplicateRule: fc.boolean(),
        resendSequence: fc.constantFrom('kept', 'zero'),
        dueDateFormat: fc.constantFrom('sip', 'date', 'date-time', 'iii'),
        dateZone: fc.constantFrom('blank', '0000'),
        supported: fc.constantFrom('Y'.repeat(16), 'NYYYYYYYYYYYYYYY', 'YYYYYNYYNYYYYYYY'),
        unknownCommand: fc.constantFrom('96', 'close', 'ignore'),
        foreignInstitution: fc.constantFrom('accept', 'ignore'),
        holdCountMeaning: fc.constantFrom('waiting', 'all'),
        itemListContent: fc.constantFrom('barcode', 'title'),
        listPages: fc.constantFrom('honoured', 'ignored'),
        requiresLogin: fc.boolean(),
        blankPin: fc.constantFrom('not-told', 'N', 'Y'),
        trailingPadding: fc.constantFrom(0, 150),
        maxConnections: fc.integer({ min: 1, max: 6 }),
      })
      .map(some => ({ ...utf8Checksums, ...some })) as fc.Arbitrary<Dialect>
    await fc.assert(
      fc.asyncProperty(mixture, async dialect => {
        const { found, verdicts, log, took, state, before } = await examine(dialect)
        expect(found).toMatchObject(known(truth(dialect)))
        expect(verdicts.filter(({ topic }) => topic === 'budget')).toEqual([])
        expect(log.mostAtOnce).toBe(1)
        expect(log.said.filter(command => !reads.has(command))).toEqual([])
        expect(took).toBeLessThan(120_000)
        expect(state.snapshot()).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })
})
