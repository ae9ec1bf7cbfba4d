import { expect } from 'vitest'
import { readAmount, readList, readLoan, readPatron } from '../../../../../src/adapters/ils/sip2/answers.ts'
import { field } from '../../../../../src/adapters/ils/sip2/codec.ts'
import { joinPages } from '../../../../../src/adapters/ils/sip2/reading.ts'
import { yes } from '../../../../../src/kernel/problem.ts'
import { utf8Checksums } from '../../../../../src/sandbox/ils/dialect.ts'
import { patiently } from '../../../../contracts/ils.ts'
import { link } from '../../../../contracts/sip2.ts'
import { but, friendly, patron64 } from '../acs.ts'
import { act } from '../client.ts'
import { at, before, beforeThe, now, parsed, profile, type Quirk } from './quirk.ts'

const patron = (more: string) =>
  readPatron(parsed(patron64('R1', undefined, more)), profile(), { card: 'R1' })

export const folioAndInvenio: readonly Quirk[] = [
  {
    number: 26,
    peer: 'edge-sip2',
    says: 'delimiter, charset and error detection belong to the tenant, known from the address alone',
    shownBy: [
      [at.serverRules, 'knows a machine without log-in by its address'],
      [at.switches, 'take another delimiter'],
      [at.switches, 'may differ in the two directions'],
    ],
  },
  {
    number: 27,
    peer: 'edge-sip2',
    says: 'with detection on, a message without AY and AZ gets 96',
    test: async () => {
      const site = { name: 'strict', dialect: utf8Checksums, settings: { profile: { sendChecksum: false } } }
      const { ils, sandbox, clock, close } = await link(site, 'strict', {
        login: { user: 'gateway', password: 's3cret' },
      })
      const answer = await patiently(ils.checkout({ ...act, card: 'R0001', barcode: 'B2001', at: 0 }), clock)
      expect(answer).toMatchObject({ ok: false })
      expect(!answer.ok && answer.problem.maybeDone === true).toBe(false)
      expect(sandbox.state.counts().checkout.done).toBe(0)
      await close()
    },
  },
  {
    number: 28,
    peer: 'edge-sip2',
    says: 'a sentence that is no message, without an end, keeps the client waiting',
    test: async () => {
      const script = but((heard, link) => {
        if (heard.command === '17') link.raw('Problems handling the request')
        return heard.command === '17'
      })
      const { ils, acs, clock } = await before(script, { profile: { retries: 0, responseTimeoutSeconds: 3 } })
      expect(await patiently(ils.item('B1'), clock)).toMatchObject({ problem: { code: 'ils-no-answer' } })
      acs.script = friendly
      expect(await patiently(ils.item('B2'), clock)).toMatchObject({ ok: true, value: { barcode: 'B2' } })
      expect(acs.accepted).toBe(2)
    },
  },
  {
    number: 29,
    peer: 'edge-sip2',
    says: 'CP and AP are UUIDs of service points; a sorter needs CT and CV',
    test: async () => {
      const point = '3a40852d-49fd-4df2-a1f9-6e2641a6e91f'
      const login = { user: 'u', password: 'p', location: point }
      const { ils, acs } = await before(friendly, { login, location: point })
      await ils.checkin({ ...act, barcode: 'B1', at: 0, returnedAt: 0 })
      expect((await acs.heard('93')).line).toContain(`CP${point}|`)
      expect((await acs.heard('09')).line).toContain(`AP${point}|`)
    },
    shownBy: [[at.contract, 'raises the alert with the reason and the destination']],
  },
  {
    number: 30,
    peer: 'edge-sip2',
    says: '15, 25 and 01 are not there',
    test: async () => {
      const { ils, sandbox } = await beforeThe('folio-edge')
      const wish = { ...act, card: 'R0001', barcode: 'B2001', at: 0 }
      for (const answer of [
        await ils.placeHold(wish),
        await ils.enable(wish),
        await ils.block({ ...wish, reason: 'x' }),
      ])
        expect(answer).toMatchObject({ problem: { code: 'ils-not-served', retry: 'never' } })
      expect(sandbox.heard()).toEqual({})
    },
  },
  {
    number: 31,
    peer: 'edge-sip2',
    says: 'a fee type stood in the fixed part; the answer to a payment had a wrong sum',
    test: () => {
      const answer = parsed(`121NNY${now}06AOL|AAR1|ABB1|AJX|AH20261222    235900|`)
      expect(readLoan(answer, profile(), 'B1', 'checkout-refused')).toMatchObject({
        ok: true,
        value: { barcode: 'B1', dueAt: Date.parse('2026-12-22T15:59:00Z') },
      })
    },
    shownBy: [
      [at.connection, 'a wrong checksum is answered with 97, which repeats the answer and not the act'],
    ],
  },
  {
    number: 32,
    peer: 'edge-sip2',
    says: 'BV of 24 and BV of 64 differ',
    test: async () => {
      const { ils, acs } = await before(friendly)
      await ils.patron({ card: 'R1', pin: '1234' })
      await ils.patron({ card: 'R1', list: 'fines' })
      expect(acs.lines.map(({ command }) => command)).not.toContain('23')
    },
    shownBy: [[at.driver, 'is asked by 23 where 63 is not served']],
  },
  {
    number: 33,
    peer: 'edge-sip2',
    says: 'the session went on with a wrong PIN',
    shownBy: [
      [at.driver, 'counts as proven only with BL=Y, CQ=Y and a PIN that was sent'],
      [at.contract, 'never lets the PIN'],
    ],
  },
  {
    number: 34,
    peer: 'edge-sip2',
    says: 'amounts follow the locale of the machine',
    test: () => {
      expect(['1,00', '1.00', ' 12,5', '1', '-75', '1,000.00'].map(readAmount)).toEqual([
        100,
        100,
        1250,
        100,
        -7500,
        undefined,
      ])
    },
  },
  {
    number: 35,
    peer: 'edge-sip2',
    says: 'currencies that are not on its list',
    test: () => {
      for (const currency of ['CNY', 'XOF', '', 'RMB']) expect(patron(`BH${currency}|BV3.50|`).owed).toBe(350)
    },
  },
  {
    number: 36,
    peer: 'edge-sip2',
    says: 'blocks by hand are missing in 24',
    test: async () => {
      const { ils, sandbox } = await beforeThe('folio-edge')
      expect(await ils.patron({ card: 'R0003' })).toMatchObject({
        value: { blocks: expect.arrayContaining(['charge-denied']) },
      })
      expect(sandbox.heard()).not.toHaveProperty('23')
    },
  },
  {
    number: 37,
    peer: 'edge-sip2',
    says: 'a due date of blanks failed',
    whyNot:
      'Blanks are what every client sends where nothing has happened yet, and that system reads them since; 29 can carry a date (dueDateInRenewal, shown in switches.test.ts).',
  },
  {
    number: 38,
    peer: 'edge-sip2',
    says: 'a list ends at a number of lines that nobody told',
    test: async () => {
      const ten = Array.from({ length: 10 }, (_, i) => `B${i}`)
      const cut = await joinPages(20, async () => yes({ items: ten, total: 25 }))
      expect(cut).toMatchObject({ value: { items: ten, whole: false } })
    },
    shownBy: [[at.driver, 'is fetched in pages until the count is reached']],
  },
  {
    number: 39,
    peer: 'fsip2',
    says: 'a delimiter stands between the fixed part and AY; AP and CM in 10',
    test: () => {
      expect(parsed('9900002.00|AY0AZFC2D')).toMatchObject({ checksum: 'ok', sequence: 0, fields: [] })
      const answer = parsed(`101YNN${now}AOL|ABB1|AQX|APY|CM20261222    235900|`)
      expect(field(answer, 'AP')).toBe('Y')
    },
  },
  {
    number: 40,
    peer: 'invenio-sip2',
    says: 'one read of 1024 bytes is one message; AY must follow; 38 has its fixed part in another order',
    test: async () => {
      const { ils, sandbox } = await beforeThe('invenio')
      for (let i = 0; i < 12; i++) expect((await ils.item('B1001')).ok).toBe(true)
      expect(sandbox.connections()).toBe(1)
      const script = but((heard, link) => {
        if (heard.command !== '37') return false
        link.answer(`38${now}YAOL|AAR1|`)
        return true
      })
      const turned = await before(script)
      const paid = await turned.ils.payFee({ ...act, card: 'R1', amount: 100, at: 0 })
      expect(paid).toMatchObject({ ok: false, problem: { maybeDone: true } })
    },
    shownBy: [[at.manners, 'invenio wants the numbers to follow each other, and writes sums without zeros']],
  },
  {
    number: 41,
    peer: 'rero-ils',
    says: 'holds that are not ready were listed with those that are',
    test: () => {
      const answer = parsed(patron64('R1', '000300000000000000000002', 'ASB1|CDB2|CDB3|'))
      const invenio = profile('invenio')
      expect(readList(answer, invenio, 'holds')).toEqual({ items: ['B1'], total: 1 })
      expect(readList(answer, invenio, 'unavailable-holds')).toEqual({ items: ['B2', 'B3'], total: 2 })
    },
    shownBy: [[at.serverPairs, 'counts and lists holds as the account wants them']],
  },
  {
    number: 42,
    peer: 'rero-ils',
    says: 'a hold count without its list',
    test: async () => {
      const { ils } = await before(
        but((heard, link) => {
          if (heard.command === '63') link.answer(patron64('R1', '000300000000000000000000'))
          return heard.command === '63'
        }),
      )
      expect(await ils.patron({ card: 'R1', list: 'holds' })).toMatchObject({
        ok: true,
        value: { items: [], counts: { holds: 3 } },
      })
    },
  },
  {
    number: 43,
    peer: 'rero-ils',
    says: 'line ends inside an address break the answer in pieces',
    test: async () => {
      const script = but((heard, link) => {
        if (heard.command === '63') link.raw(`${patron64('R1')}BD十全街1号\n苏州|BF1|\r`)
        return heard.command === '63'
      })
      const settings = { profile: { sendChecksum: false, answerTerminator: 'cr' } } as const
      const { ils } = await before(script, settings, { checksums: false })
      expect(await ils.patron({ card: 'R1' })).toMatchObject({ ok: true, value: { phone: '1' } })
    },
    shownBy: [
      [at.serverBounds, 'keeps values of one message from becoming another'],
      [at.switches, 'alone ends an answer: the others are part of a value'],
    ],
  },
  {
    number: 44,
    peer: 'rero-ils',
    says: 'no due date when the item was charged already',
    test: () => {
      const answer = parsed(`120NUN${now}AOL|AAR1|ABB1|AJX|AF已借出|`)
      expect(readLoan(answer, profile(), 'B1', 'checkout-refused')).toMatchObject({
        problem: { code: 'checkout-refused', their: { text: '已借出' } },
      })
      const lent = parsed(`121YUN${now}AOL|AAR1|ABB1|AJX|`)
      expect(readLoan(lent, profile(), 'B1', 'checkout-refused')).toMatchObject({
        value: { dueText: '', wasRenewal: true },
      })
    },
  },
]
