import { expect } from 'vitest'
import { readPatron } from '../../../../../src/adapters/ils/sip2/answers.ts'
import { sumUnits } from '../../../../../src/adapters/ils/sip2/checksum.ts'
import { createSplitter, longestRequest } from '../../../../../src/adapters/ils/sip2/framing.ts'
import { friendly, patron64 } from '../acs.ts'
import { act } from '../client.ts'
import { at, before, beforeThe, parsed, profile, type Quirk } from './quirk.ts'

export const terminalsAndChina: readonly Quirk[] = [
  {
    number: 59,
    peer: 'node-sip2',
    says: 'takes one piece of the stream for one answer; print width without zeros',
    test: () => {
      const unpadded = parsed('990401.00|AY1AZFC59')
      expect(unpadded).toMatchObject({ fixed: { maxPrintWidth: '40', version: '1.00' }, checksum: 'ok' })
    },
  },
  {
    number: 60,
    peer: 'lordelph/php-sip2',
    says: 'print width filled with a blank, 65 without its date, 97 with AY',
    test: () => {
      expect(parsed('990 802.00AY0AZFCAF').fixed).toMatchObject({ maxPrintWidth: ' 80', version: '2.00' })
      expect(parsed('65AOL|AAR1|BON|')).toMatchObject({
        problems: ['short-fixed-part'],
        fields: [
          ['AO', 'L'],
          ['AA', 'R1'],
          ['BO', 'N'],
        ],
      })
      expect(parsed('97AY3AZFE23')).toMatchObject({ command: '97', sequence: 3 })
    },
  },
  {
    number: 61,
    peer: 'Libki',
    says: 'ends a message twice; deletes a user at any BLN',
    test: () => {
      const splitter = createSplitter(longestRequest)
      const frames = splitter.push(Buffer.from('9900802.00\r\n\r\n9900802.00\r\r'))
      expect(frames.map(frame => 'bytes' in frame && Buffer.from(frame.bytes).toString())).toEqual([
        '9900802.00',
        '9900802.00',
      ])
    },
  },
  {
    number: 62,
    peer: 'SIP2.NET',
    says: 'always sends AO 1',
    test: async () => {
      const { ils, acs } = await before(friendly)
      await ils.item('B1')
      expect(acs.lines.at(-1)!.value('AO')).toBe('LIB')
    },
    shownBy: [
      [at.serverPairs, 'sends institution, card and barcode back as they were received'],
      [at.sandbox, 'does not answer a foreign institution where it is strict'],
    ],
  },
  {
    number: 63,
    peer: 'dp2',
    says: 'AY4 always, and a sum over the UTF-16 units of the text before it',
    test: () => {
      expect(parsed('941|AY4AZFF62')).toMatchObject({ checksum: 'ok:dp2', sequence: 4 })
      const text = '1803000120261122    093000ABB1|AJ东坡志林'
      const sum = (-sumUnits(text) & 0xffff).toString(16).toUpperCase().padStart(4, '0')
      expect(parsed(`${text}|AY4AZ${sum}`).checksum).toBe('ok:dp2')
    },
    shownBy: [[at.fixtures, 'dp2-own-sum-and-always-4.sip2']],
  },
  {
    number: 64,
    peer: 'dp2',
    says: 'ends its answers as the request ended',
    shownBy: [
      [at.connection, 'takes answers that end in'],
      [at.switches, 'ends what we send'],
    ],
  },
  {
    number: 65,
    peer: 'dp2',
    says: 'CN is user@instance, Chinese with percent signs; a CP with ! overrules the place',
    test: async () => {
      const login = { user: '书桥@太仓', password: 'p', location: '!总馆' }
      const { ils, acs } = await before(friendly, { dialect: 'dp2', login })
      await ils.item('B1')
      const { line } = await acs.heard('93')
      expect(line).toContain('CN%E4%B9%A6%E6%A1%A5@%E5%A4%AA%E4%BB%93|')
      expect(line).toContain('CP!%E6%80%BB%E9%A6%86|')
    },
  },
  {
    number: 66,
    peer: 'dp2',
    says: 'AO is empty or the institution’s code; barcodes may have it in front',
    test: async () => {
      const { ils, acs } = await before(friendly, { dialect: 'dp2', institution: 'CN-320585-1-TC' })
      await ils.item('B1')
      expect(acs.lines.at(-1)!.line).toContain('AOCN-320585-1-TC|')
    },
    shownBy: [
      [at.connection, 'may name the institution before the item, as dp2 does'],
      [at.switches, "[{ institutionFrom: 'settings' }, {}, '']"],
    ],
  },
  {
    number: 67,
    peer: 'dp2',
    says: 'BV below zero is owed, BH stands before the price, CB has no zeros in front',
    test: () => {
      const answer = parsed(patron64('R1', undefined, 'BH¥|BV-2.50|BZ0007|CB10|'))
      expect(readPatron(answer, profile('dp2'), { card: 'R1' })).toMatchObject({
        owed: 250,
        limits: { holds: 7, charged: 10 },
      })
    },
    shownBy: [[at.driver, 'owes what BV says']],
  },
  {
    number: 68,
    peer: 'dp2',
    says: '38 and some refusals have an empty AO and AA',
    test: async () => {
      const { ils, sandbox } = await beforeThe('dp2')
      const paid = await ils.payFee({ ...act, card: 'R0005', amount: 500, at: 0, owedBefore: 1200 })
      expect(paid).toMatchObject({ ok: true })
      expect(sandbox.state.snapshot().owed).toEqual({ R0005: 700 })
    },
  },
  {
    number: 69,
    peer: 'dp2',
    says: '15, 23, 25, 65 and 97 are answered with a sentence that is no message, whatever BX says',
    test: async () => {
      const { ils, sandbox } = await beforeThe('dp2')
      expect(await ils.check()).toMatchObject({ value: { supported: 'Y'.repeat(16) } })
      expect(await ils.placeHold({ ...act, card: 'R0001', barcode: 'B1', at: 0 })).toMatchObject({
        problem: { code: 'ils-not-served' },
      })
      expect(sandbox.heard()).not.toHaveProperty('15')
    },
    shownBy: [[at.connection, 'a sentence that is no message is asked for again, then told as garbled']],
  },
  {
    number: 70,
    peer: 'dp2',
    says: 'two lines an account, packets of 4096 bytes',
    test: async () => {
      expect(profile('dp2')).toMatchObject({ maxConnections: 2, longestRequestBytes: 4096 })
      const { ils, acs } = await before(friendly, { dialect: 'dp2' })
      await Promise.all(Array.from({ length: 8 }, (_, i) => ils.item(`B${i}`)))
      expect(acs.accepted).toBe(2)
    },
    shownBy: [
      [at.pool, 'is never exceeded, each carrying one request at a time'],
      [at.switches, 'refuses a longer identifier, and a longer message, before anything is sent'],
    ],
  },
]
