import { expect } from 'vitest'
import { fineLine, readCheckin, readPatron } from '../../../../../src/adapters/ils/sip2/answers.ts'
import { field, fieldsOf, parseDueDate } from '../../../../../src/adapters/ils/sip2/codec.ts'
import { dialectOf } from '../../../../../src/adapters/ils/sip2/dialects.ts'
import { patiently } from '../../../../contracts/ils.ts'
import { but, item18, type Script, status98 } from '../acs.ts'
import { act } from '../client.ts'
import { at, before, beforeThe, now, parsed, profile, type Quirk } from './quirk.ts'

const shanghai = 'Asia/Shanghai'
const dueOf = (text: string, formats = profile().dueDateFormats): string | undefined => {
  const due = parseDueDate(text, formats, shanghai)
  return due === undefined ? undefined : Temporal.Instant.fromEpochMilliseconds(due).toString()
}
const counts = `64${' '.repeat(14)}019${now}000300000001000000000002AOL|AAR1|AEX|BLY|`

export const kohaAndEvergreen: readonly Quirk[] = [
  {
    number: 1,
    peer: 'Koha',
    says: 'answers end in CR LF: the LF must not be taken for the next answer',
    test: async () => {
      const script = but((heard, link) => {
        if (heard.command !== '17') return false
        link.answer(item18(heard.value('AB')), { end: '\r\n' })
        return true
      })
      const { ils, acs } = await before(script, { dialect: 'koha' })
      for (const barcode of ['B1', 'B2', 'B3'])
        expect(await ils.item(barcode)).toMatchObject({ ok: true, value: { barcode } })
      expect(acs.accepted).toBe(1)
    },
  },
  {
    number: 2,
    peer: 'Koha',
    says: '96 ends in a bare CR though all else ends in CR LF',
    test: async () => {
      let first = true
      const script = but((heard, link) => {
        if (heard.command !== '17') return false
        if (first) link.raw('96AZFEF6\r')
        else link.answer(item18('B1'), { end: '\r\n' })
        first = false
        return true
      })
      const { ils, acs } = await before(script, { dialect: 'koha' })
      expect(await ils.item('B1')).toMatchObject({ ok: true })
      expect(new Set(acs.lines.filter(({ command }) => command === '17').map(({ line }) => line)).size).toBe(
        1,
      )
    },
  },
  {
    number: 3,
    peer: 'Koha',
    says: 'nothing, and what it does not know, is answered with 96',
    shownBy: [
      [at.serverRules, 'is not answered when nobody knows the command, and passed on untouched'],
      [at.connection, '96 to every try means that nothing was done'],
      [at.sandbox, 'an unknown command'],
    ],
  },
  {
    number: 4,
    peer: 'Koha',
    says: 'a due date without time is the end of its day; an option writes it in the library’s own form',
    test: () => {
      expect(dueOf('20261222    235900')).toBe('2026-12-22T15:59:00Z')
      expect(dueOf('22.12.2026')).toBeUndefined()
      expect(dueOf('22.12.2026', ['DD.MM.YYYY'])).toBe('2026-12-22T15:59:59Z')
      expect(dueOf('12/10/2026')).toBeUndefined()
    },
  },
  {
    number: 5,
    peer: 'Koha',
    says: 'options of the account add CV 00 and CT without an alert, blank PINs, other fields',
    test: async () => {
      const quiet = parsed(`101YNN${now}AOL|ABB1|AQGSQ|CV00|CTGSQ|`)
      expect(readCheckin(quiet, profile('koha'), 'B1')).toMatchObject({ value: { alert: false } })
      expect(readCheckin(quiet, profile('koha'), 'B1')).not.toHaveProperty('value.alertType')
      const blank = parsed(`${counts}CQY|`)
      expect(readPatron(blank, profile('koha'), { card: 'R1', pin: '' }).pinValid).toBeNull()
    },
  },
  {
    number: 6,
    peer: 'Koha, Evergreen, Sierra',
    says: 'the hold count holds those that wait on the shelf, or all of them',
    test: () => {
      const of = (name: string) => readPatron(parsed(counts), profile(name), { card: 'R1' }).counts.holds
      expect([of('koha'), of('evergreen'), of('sierra')]).toEqual([3, 1, 1])
    },
  },
  {
    number: 7,
    peer: 'Koha',
    says: 'renewing all may answer with the text of an object in place of a barcode',
    test: () => {
      const answer = parsed(`6610002000${'1'}${now}AOL|BMB1|BM=HASH(0x55d1)|BNB3|=HASH(0x1)|`)
      expect(fieldsOf(answer, 'BM')).toEqual(['B1', '=HASH(0x55d1)'])
      expect(answer.problems).toEqual(['odd-field-id: =H'])
    },
  },
  {
    number: 8,
    peer: 'Koha',
    says: 'the line dies at 99 when the account is in no table of the library',
    test: async () => {
      const script = but((heard, link) => {
        if (heard.command === '99') link.reset()
        return heard.command === '99'
      })
      const { ils, acs, clock } = await before(script, { dialect: 'koha' })
      const answer = await patiently(ils.checkout({ ...act, card: 'R', barcode: 'B', at: 0 }), clock)
      expect(answer).toMatchObject({ ok: false, problem: { kind: 'unreachable' } })
      expect(acs.lines.map(({ command }) => command)).not.toContain('11')
    },
  },
  {
    number: 9,
    peer: 'Koha',
    says: 'error detection is switched for the whole process: answers have sums, then none; lines go when idle',
    test: async () => {
      const script = but((heard, link) => {
        if (heard.command !== '17') return false
        if (heard.value('AB') === 'B2') link.raw(`${item18('B2')}\r`)
        else link.answer(item18(heard.value('AB')))
        return true
      })
      const { ils } = await before(script, { dialect: 'koha' })
      for (const barcode of ['B1', 'B2', 'B3']) expect((await ils.item(barcode)).ok).toBe(true)
      expect(profile('koha').keepAliveSeconds).toBeLessThan(300)
    },
    shownBy: [[at.pool, 'are kept alive with 99']],
  },
  {
    number: 10,
    peer: 'Evergreen',
    says: 'a bad log-in just ends the line; 19, 20, 25 and 26 are not there',
    test: async () => {
      const wrong = await beforeThe('evergreen', { login: { user: 'gateway', password: 'wrong' } })
      const answer = await patiently(wrong.ils.patron({ card: 'R0001' }), wrong.clock)
      expect(answer).toMatchObject({ ok: false, problem: { retry: 'later' } })
      const { ils, sandbox } = await beforeThe('evergreen')
      expect(await ils.enable({ ...act, card: 'P9001' })).toMatchObject({
        problem: { code: 'ils-not-served' },
      })
      expect(sandbox.heard()).not.toHaveProperty('25')
    },
  },
  {
    number: 11,
    peer: 'Evergreen',
    says: 'lists give titles: an item cannot be told from another copy by them',
    shownBy: [
      [
        at.driver,
        'a loan is found by its title where lists give titles, but only of an item that is charged',
      ],
      [at.contract, 'does not lend twice when the same act comes again'],
    ],
  },
  {
    number: 12,
    peer: 'Evergreen',
    says: 'a line of AV has one of four forms',
    test: () => {
      expect(fineLine('12.00 BOOK 边城', 'eg_legacy')).toEqual({ amount: 1200 })
      expect(fineLine('F7 $12.00 "BOOK" 边城', '3m')).toEqual({ id: 'F7', amount: 1200 })
      const sentence = 'Charge-Number: F7, Amount-Due: 12.00, Fine-Type: BOOK, Title: 边城'
      expect(fineLine(sentence, 'swyer_b')).toEqual({ id: 'F7', amount: 1200 })
      expect(fineLine('F7 12.00', 'plain')).toEqual({})
    },
  },
  {
    number: 13,
    peer: 'Evergreen',
    says: '01 really ends the card; others began to read the 14 flags',
    test: async () => {
      const { ils, sandbox } = await beforeThe('evergreen')
      await ils.patron({ card: 'R0003', pin: '1234' })
      await ils.checkout({ ...act, card: 'R0003', barcode: 'B2001', at: 0 })
      expect(sandbox.heard()).not.toHaveProperty('01')
    },
    shownBy: [[at.contract, 'blocks a card with the reason, where it can']],
  },
  {
    number: 14,
    peer: 'Evergreen',
    says: 'due dates as in ISO 8601; values end at 255 characters',
    test: () => {
      expect(dueOf('2026-12-22T23:59:59+0800')).toBe('2026-12-22T15:59:59Z')
      expect(dueOf('2026-12-22T23:59:59-04:00')).toBe('2026-12-23T03:59:59Z')
      const title = '書'.repeat(255)
      expect(field(parsed(`1803000120261122    093000ABB1|AJ${title}|`), 'AJ')).toBe(title)
    },
  },
  {
    number: 15,
    peer: 'Evergreen',
    says: '99 may come before 93; options put a telephone number into 10',
    test: () => {
      const answer = parsed(`101YNY${now}AOL|ABB1|AQGSQ|BF13800000000|CV01|`)
      expect(readCheckin(answer, profile('evergreen'), 'B1')).toMatchObject({
        value: { alert: true, alertType: 'hold-here' },
      })
    },
    shownBy: [[at.connection, 'can ask for the status first, or never, and need no login']],
  },
  {
    number: 16,
    peer: 'SIP2Mediator',
    says: 'stops at the first empty segment, acts twice after a time-out, drops delimiters',
    shownBy: [
      [at.codec, 'skips empty segments and goes on behind them'],
      [at.connection, 'after a loan is never met with the loan again'],
    ],
  },
  {
    number: 17,
    peer: 'evergreen-universe',
    says: 'a character may be cut in two by a read; what follows the first CR is lost',
    test: async () => {
      const answer = Buffer.from(`${item18('B1')}\r`)
      const script = but((heard, link) => {
        if (heard.command !== '17') return false
        const middle = answer.indexOf(Buffer.from('图')) + 1
        link.bytes(answer.subarray(0, middle))
        setImmediate(() => link.bytes(answer.subarray(middle)))
        return true
      })
      const { ils } = await before(script)
      expect(await ils.item('B1')).toMatchObject({ value: { title: '图书馆学基础' } })
    },
    shownBy: [[at.connection, 'takes the first of two answers glued together']],
  },
  {
    number: 18,
    peer: 'Perl SIPServer',
    says: 'a command before the log-in, or one it does not know, ends the line',
    test: async () => {
      const { ils, sandbox } = await beforeThe('perl-sipserver')
      expect((await ils.item('B1001')).ok).toBe(true)
      expect(Object.keys(sandbox.heard()).sort()).toEqual(['17', '93', '99'])
      sandbox.faults.changeMask('YYYYYYYYYYYYYNYY')
      expect(await ils.check()).toMatchObject({ ok: true })
      expect(await ils.placeHold({ ...act, card: 'R0001', barcode: 'B1001', at: 0 })).toMatchObject({
        problem: { code: 'ils-not-served' },
      })
      expect(sandbox.connections()).toBe(1)
    },
  },
  {
    number: 19,
    peer: 'Perl SIPServer',
    says: '97 is answered with AY0 whatever the number was',
    shownBy: [[at.connection, '97 may be answered with AY0, as Perl servers do']],
  },
  {
    number: 20,
    peer: 'Perl SIPServer',
    says: 'the same AY and AZ twice are carried out twice',
    test: () => {
      for (const name of ['koha', 'evergreen', 'perl-sipserver'])
        expect(dialectOf(name)?.sets.resendActs, name).toBe(false)
    },
    shownBy: [
      [at.serverRules, 'replays the answer to the same number and sum, and never runs it'],
      [at.connection, 'after a loan is never met with the loan again'],
      [at.sandbox, 'acts again on a repeated request where it lacks the rule'],
    ],
  },
  {
    number: 21,
    peer: 'Perl SIPServer',
    says: 'characters that are not ASCII are dropped from the end of a message',
    test: async () => {
      const settings = { dialect: 'koha', profile: { sendChecksum: false } } as const
      const { ils, acs } = await before(
        but(() => false),
        settings,
        { checksums: false },
      )
      await ils.placeHold({ ...act, card: 'R1', title: '图书馆', at: 0 })
      const { line } = await acs.heard('15')
      expect(line.replace(/[^A-z0-9]+$/, '')).toContain('AJ图书馆|')
    },
    shownBy: [[at.codec, 'puts an ASCII field last for servers that drop other characters']],
  },
  {
    number: 22,
    peer: 'Perl SIPServer',
    says: 'junk and CR LF before a message are taken, an empty line is not answered',
    shownBy: [
      [at.framing, 'drops blanks, NULs and line ends before a message'],
      [at.sandbox, 'takes a message in pieces, two in one piece, and any end of line'],
    ],
  },
  {
    number: 23,
    peer: 'Perl SIPServer',
    says: 'values end at 255 characters',
    shownBy: [
      [at.codec, 'turns what is unsafe in free text into blanks, cuts it, and says so'],
      [at.switches, 'cuts free text at characters or bytes, never inside a character'],
    ],
  },
  {
    number: 24,
    peer: 'Perl SIPServer',
    says: 'of several lists asked for at once only the first one comes',
    test: async () => {
      const { ils, acs } = await before(but(() => false))
      for (const list of ['holds', 'overdue', 'charged', 'fines', 'recalls', 'unavailable-holds'] as const)
        await ils.patron({ card: 'R1', list })
      const asked = acs.lines.filter(({ command }) => command === '63').map(({ line }) => line.slice(23, 33))
      expect(new Set(asked).size).toBe(6)
      for (const summary of asked) expect(summary).toMatch(/^ *Y *$/)
    },
  },
  {
    number: 25,
    peer: 'Perl SIPServer',
    says: 'a wrong AO is only written into its log',
    test: async () => {
      const script: Script = but((heard, link) => {
        if (heard.command !== '99') return false
        link.answer(status98().replace('AOLIB', 'AOITS OWN'))
        return true
      })
      const { ils, acs } = await before(script)
      await ils.item('B1')
      expect(acs.lines.at(-1)!.line).toContain('AOITS OWN|')
    },
    shownBy: [[at.sandbox, 'does not answer a foreign institution where it is strict']],
  },
]
