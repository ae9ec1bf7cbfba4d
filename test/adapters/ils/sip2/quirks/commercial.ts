import { expect } from 'vitest'
import { patiently } from '../../../../contracts/ils.ts'
import { but, friendly, item18, now, patron64 } from '../acs.ts'
import { act } from '../client.ts'
import { at, before, beforeThe, parsed, profile, type Quirk } from './quirk.ts'

const loan = { ...act, card: 'R0001', barcode: 'B2001', at: 0 }

export const commercial: readonly Quirk[] = [
  {
    number: 45,
    peer: 'Sierra',
    says: 'zone 0000; a blank behind AO; all flags for a wrong PIN; names with the last one first',
    test: async () => {
      const { ils, sandbox } = await beforeThe('sierra')
      const wrong = await ils.patron({ card: 'R0001', pin: '9999' })
      expect(wrong).toMatchObject({ ok: true, value: { pinValid: false } })
      expect(wrong.ok && wrong.value.blocks).toHaveLength(14)
      expect(await ils.patron({ card: 'R0001', pin: '1234' })).toMatchObject({
        value: { pinValid: true, blocks: [] },
      })
      expect(await ils.check()).toMatchObject({ value: { institution: 'SZTEST ' } })
      expect(sandbox.dialect.dateZone).toBe('0000')
    },
    shownBy: [[at.fixtures, 'sierra-delimiter-in-e-mail.sip2']],
  },
  {
    number: 46,
    peer: 'Symphony',
    says: 'one process a connection: many of them, or long idle ones, use it up',
    test: async () => {
      expect(profile('symphony')).toMatchObject({ maxConnections: 1, idleCloseSeconds: 60 })
      const { ils, sandbox, clock } = await beforeThe('symphony')
      await Promise.all(['B1001', 'B2001', 'B3001'].map(barcode => ils.item(barcode)))
      expect(sandbox.connections()).toBe(1)
      await clock.advance(61_000)
      await patiently(
        (async () => {
          while (sandbox.connections() > 0) await new Promise(resolve => setImmediate(resolve))
        })(),
        clock,
      )
    },
    shownBy: [[at.pool, 'are closed after a while where long ones do harm']],
  },
  {
    number: 47,
    peer: 'Symphony',
    says: 'an answer may come in several pieces after an upgrade; a log-in by prompts',
    shownBy: [
      [at.connection, 'takes an answer that comes byte by byte'],
      [at.pool, 'a telnet log-in comes before the first message'],
    ],
  },
  {
    number: 48,
    peer: 'Polaris',
    says: 'other meanings of PA and PB, many empty fields, a phrase without news in good answers',
    test: async () => {
      const { ils } = await beforeThe('polaris')
      expect(await ils.patron({ card: 'R0001', pin: '1234' })).toMatchObject({
        value: { pinValid: true, messages: [], blocks: [] },
      })
    },
    shownBy: [[at.fixtures, 'polaris-says-that-all-is-well.sip2']],
  },
  {
    number: 49,
    peer: 'Polaris',
    says: 'sums over UTF-16 units',
    shownBy: [
      [at.fixtures, 'default-units-for-bytes.sip2'],
      [at.switches, 'can be summed over UTF-16 units, as some library systems do'],
    ],
  },
  {
    number: 50,
    peer: 'TLC',
    says: 'a barcode that stands twice breaks a hold; a renewal wants a due date; words begin with #',
    test: async () => {
      const script = but((heard, link) => {
        if (heard.command === '15') link.reset()
        if (heard.command === '17') link.answer(item18('B2001'))
        return heard.command === '15' || heard.command === '17'
      })
      const { ils, clock, acs } = await before(script, { dialect: 'tlc' })
      const broken = await patiently(ils.placeHold(loan), clock)
      expect(broken).toMatchObject({ ok: false, problem: { maybeDone: true } })
      expect(acs.lines.filter(({ command }) => command === '15')).toHaveLength(1)
    },
    shownBy: [[at.fixtures, 'tlc-hash-in-front-of-words.sip2']],
  },
  {
    number: 51,
    peer: 'Spydus',
    says: '98 is filled up with blanks; no delimiter behind BL; a blank PIN was right',
    test: async () => {
      const { ils } = await beforeThe('spydus')
      expect(await ils.check()).toMatchObject({ ok: true, value: { online: true } })
      expect(await ils.patron({ card: 'R0001', pin: '' })).toMatchObject({ value: { pinValid: null } })
      expect(
        parsed('64              01920261122    093000000000000000000000000000AOL|AAR1|AEX|BLYBV7.00|').fields,
      ).toContainEqual(['BV', '7.00'])
    },
    shownBy: [[at.fixtures, 'spydus-flag-runs-into-amount.sip2']],
  },
  {
    number: 52,
    peer: 'CARL.X',
    says: 'does not look at AD',
    test: async () => {
      const { ils } = await beforeThe('carlx')
      expect(await ils.patron({ card: 'R0001', pin: '1234' })).toMatchObject({ value: { pinValid: null } })
    },
    shownBy: [[at.driver, 'proves nothing where the library system does not look at the PIN']],
  },
  {
    number: 53,
    peer: 'OCLC Wise',
    says: 'works only after 99',
    test: async () => {
      const { ils } = await beforeThe('wise')
      expect((await ils.item('B1001')).ok).toBe(true)
      const hasty = await beforeThe('wise', { profile: { sendScStatus: 'never' } })
      expect((await patiently(hasty.ils.item('B1001'), hasty.clock)).ok).toBe(false)
    },
  },
  {
    number: 54,
    peer: 'AG Verso',
    says: 'does not know 35, nor 99',
    test: async () => {
      const { ils, sandbox, clock } = await beforeThe('ag-verso', { profile: { sendEndSession: true } })
      expect((await ils.patron({ card: 'R0001', pin: '1234' })).ok).toBe(true)
      await clock.advance(59_000)
      expect(Object.keys(sandbox.heard()).sort()).toEqual(['63', '93'])
    },
  },
  {
    number: 55,
    peer: 'a French library system',
    says: 'version 2.0E; no answer to another AO than its own',
    test: async () => {
      const script = but((heard, link) => {
        if (heard.command === '99') link.answer(`98YYYYYY600003${now}2.0EAOARCHI1|BXYYYYYYYYYYYYYYYY|`)
        return heard.command === '99' || (heard.command === '17' && heard.value('AO') !== 'ARCHI1')
      })
      const { ils } = await before(script)
      expect((await ils.item('B1')).ok).toBe(true)
    },
    shownBy: [[at.switches, 'tells the version it was told to, and takes any']],
  },
  {
    number: 56,
    peer: 'a French library system',
    says: 'a second 63 on a line is never answered; AE has the text of a notice behind the name',
    test: async () => {
      const { ils, sandbox } = await beforeThe('one-shot')
      for (let i = 0; i < 3; i++) expect((await ils.patron({ card: 'R0001' })).ok).toBe(true)
      expect(sandbox.heard()).toMatchObject({ 63: 3, 93: 3 })
      const script = but((heard, link) => {
        if (heard.command === '63') link.answer(patron64('R1').replace('李小明', '李小明 请来还书'))
        return heard.command === '63'
      })
      const noticed = await before(script)
      await noticed.ils.patron({ card: 'R1' })
      expect(noticed.transcript()).not.toContain('李小明')
    },
  },
  {
    number: 57,
    peer: 'Alma',
    says: 'encrypted only; no AP, no CH; checking out an own loan renews it; much is not served',
    test: async () => {
      const { ils, sandbox } = await beforeThe('alma')
      expect((await ils.checkout(loan)).ok).toBe(true)
      const again = await ils.checkout({ ...loan, repeated: true })
      expect(again).toMatchObject({ ok: true, value: { foundDone: true } })
      expect(sandbox.state.snapshot().loans.find(({ barcode }) => barcode === 'B2001')?.renewals).toBe(0)
      const { ils: scripted, acs } = await before(friendly, { dialect: 'alma', location: 'MAIN' })
      await scripted.checkin({ ...act, barcode: 'B1', at: 0, returnedAt: 0 })
      expect((await acs.heard('09')).line).not.toContain('AP')
    },
    shownBy: [
      [at.tls, 'speaks to the one whose certificate the authority has signed'],
      [at.fixtures, 'alma-takes-no-current-location.sip2'],
    ],
  },
  {
    number: 58,
    peer: 'Aspen',
    says: 'a telnet log-in needs about a second between the prompts',
    shownBy: [[at.switches, 'a telnet log-in waits before it answers a prompt where that is wanted']],
  },
]
