import { afterEach, describe, expect, it } from 'vitest'
import { anAccount, openSite, type Site, type SiteOptions } from './site.ts'

let site: Site
const open = async (options: SiteOptions = {}): Promise<Site> => {
  site = await openSite(options)
  return site
}
afterEach(() => site?.close())

const loans = () => site.sandbox.state.snapshot().loans.filter(loan => !loan.barcode.startsWith('M'))

describe('every message pair passes through', () => {
  it('tells the machine who we are, what can be done, and the time by the clock on the wall', async () => {
    const kiosk = await (await open()).ready()
    const answer = await kiosk.say('99')
    expect(answer.command).toBe('98')
    expect(answer.fixed).toMatchObject({
      onlineStatus: 'Y',
      checkinOk: 'Y',
      checkoutOk: 'Y',
      offlineOk: 'Y',
      timeout: '250',
      date: '20261015    093000',
      version: '2.00',
    })
    expect(answer.get('BX')).toBe('Y'.repeat(16))
    expect([answer.get('AO'), answer.get('AM'), answer.get('AN')]).toEqual([
      'SZTEST',
      '测试图书馆',
      '古胥门分馆',
    ])
  })

  it('lends, tells the loan, renews and takes back', async () => {
    const kiosk = await (await open()).ready()
    const lent = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    expect(lent.fixed).toMatchObject({ ok: '1', desensitize: 'Y', renewalOk: 'N' })
    expect(lent.get('AJ')).toBe('園林東西：億年之質')
    expect(lent.get('AH')).toBe('2026-11-14 23:59:59')
    expect(loans()).toMatchObject([{ barcode: 'B1001', card: 'R0001' }])
    const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' }, { summary: '  Y       ' })
    expect(reader.fixed.chargedCount).toBe('0001')
    expect(reader.all('AU')).toEqual(['B1001'])
    expect([reader.get('BL'), reader.get('CQ')]).toEqual(['Y', 'Y'])
    const renewed = await kiosk.say('29', { AA: 'R0001', AB: 'B1001' })
    expect(renewed.fixed).toMatchObject({ ok: '1', renewalOk: 'Y' })
    const all = await kiosk.say('65', { AA: 'R0001' })
    expect(all.fixed).toMatchObject({ ok: '1', renewedCount: '0001' })
    expect(all.all('BM')).toEqual(['B1001'])
    const back = await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })
    expect(back.fixed).toMatchObject({ ok: '1', alert: 'N' })
    expect(loans()).toEqual([])
  })

  it('answers 23, 17, 15, 19, 25, 01, 35 and 37 with what the library system says', async () => {
    const kiosk = await (await open()).ready()
    expect((await kiosk.say('23', { AA: 'R0001' })).get('AE')).toBe('顾小满')
    expect((await kiosk.say('17', { AB: 'B1001' })).fixed.circulationStatus).toBe('03')
    const held = await kiosk.say('15', { AA: 'R0001', AB: 'B2001', BS: 'PJL' })
    expect(held.fixed.ok).toBe('1')
    expect((await kiosk.say('15', { AA: 'R0001', AB: 'B2001' }, { mode: '-' })).fixed.ok).toBe('1')
    expect((await kiosk.say('19', { AB: 'B1001', CH: '架上' })).fixed.itemPropertiesOk).toBe('1')
    const blocked = await kiosk.say('01', { AA: 'R0002', AL: '卡被吞' })
    expect(blocked.command).toBe('24')
    expect(blocked.fixed.patronStatus![0]).toBe('Y')
    expect((await kiosk.say('25', { AA: 'R0002' })).fixed.patronStatus![0]).toBe(' ')
    const paid = await kiosk.say('37', { AA: 'R0005', BV: '7.00', CG: 'F1' })
    expect(paid.fixed.paymentAccepted).toBe('Y')
    expect((await kiosk.say('35', { AA: 'R0005' })).fixed.endSession).toBe('Y')
  })

  it('gives the library system’s own reasons for a refusal', async () => {
    const kiosk = await (await open()).ready()
    const answer = await kiosk.say('11', { AA: 'R0001', AB: 'B4001' })
    expect(answer.fixed.ok).toBe('0')
    expect(answer.get('AF')).not.toBe('')
    expect([answer.get('AA'), answer.get('AB')]).toEqual(['R0001', 'B4001'])
  })

  it('sends institution, card and barcode back as they were received', async () => {
    const kiosk = await (await open()).ready({ institution: 'HALL-7' })
    expect((await kiosk.say('17', { AB: 'B1001' })).get('AB')).toBe('B1001')
    expect((await kiosk.say('23', { AA: 'R0001' })).get('AO')).toBe('HALL-7')
  })

  it('translates between the charsets of machine and library system, both with their own sums', async () => {
    const account = anAccount({ speech: { ...anAccount().speech, encoding: 'gb18030', terminator: 'crlf' } })
    await open({ accounts: [account] })
    const kiosk = await site.ready({ encoding: 'gb18030', terminator: '\r\n' })
    const answer = await kiosk.say('17', { AB: 'B1001' })
    expect(answer.get('AJ')).toBe('園林東西：億年之質')
    expect(answer.checksum).toBe('ok')
  })

  it.each(['^', '~'])('speaks with %s for a delimiter where the account says so', async delimiter => {
    const account = anAccount({ addresses: ['127.0.0.0/8'], speech: { ...anAccount().speech, delimiter } })
    await open({ accounts: [account] })
    const kiosk = await site.ready({ delimiter })
    expect((await kiosk.say('63', { AA: 'R0001', AD: '1234' })).get('CQ')).toBe('Y')
  })

  it('passes on fields that nobody knows', async () => {
    await open()
    const sent: string[] = []
    const kiosk = await site.ready()
    const { ils } = site
    const relay = ils.relay.bind(ils)
    ils.relay = (message, act) => {
      sent.push(message.fields.map(([id, value]) => id + value).join('|'))
      return relay(message, act)
    }
    await kiosk.say('17', { AB: 'B1001', ZZ: 'kept' })
    expect(sent[0]).toContain('ZZkept')
  })

  it('writes due dates as the account wants them', async () => {
    const accounts = (['sip', 'YYYY-MM-DD'] as const).map(dueDates =>
      anAccount({ id: dueDates, user: dueDates, dueDates }),
    )
    await open({ accounts })
    const first = await site.ready({}, 'sip')
    expect((await first.say('11', { AA: 'R0001', AB: 'B1001' })).get('AH')).toBe('20261114    235959')
    const second = await site.ready({}, 'YYYY-MM-DD')
    expect((await second.say('17', { AB: 'B1001' })).get('AH')).toBe('2026-11-14')
  })

  it('counts and lists holds as the account wants them', async () => {
    const accounts = (['waiting', 'all'] as const).map(holdCount =>
      anAccount({ id: holdCount, user: holdCount, holdCount }),
    )
    await open({ accounts })
    const setUp = await site.ready({}, 'waiting')
    await setUp.say('15', { AA: 'R0001', AB: 'B2001', BS: 'GSQ' })
    const ready = await setUp.say('63', { AA: 'R0001' }, { summary: 'Y         ' })
    expect([ready.fixed.holdCount, ready.fixed.unavailableHoldCount, ready.all('AS')]).toEqual([
      '0000',
      '0001',
      [],
    ])
    const all = await (await site.ready({}, 'all')).say('63', { AA: 'R0001' }, { summary: 'Y         ' })
    expect([all.fixed.holdCount, all.fixed.unavailableHoldCount, all.all('AS')]).toEqual([
      '0001',
      '0001',
      ['B2001'],
    ])
  })

  it.each([1, 2])('works over library systems of other dialects (%i)', async system => {
    const kiosk = await (await open({ system })).ready()
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('1')
    expect((await kiosk.say('17', { AB: 'B1001' })).get('AJ')).toBe('園林東西：億年之質')
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('1')
    expect(loans()).toEqual([])
  })
})

describe('a library system whose link cannot pass anything on', () => {
  it('is served from the contract', async () => {
    await open({
      ils: ({ ils }) => ({
        name: ils.name,
        patron: q => ils.patron(q),
        item: b => ils.item(b),
        checkout: a => ils.checkout(a),
        checkin: a => ils.checkin(a),
        renew: a => ils.renew(a),
        placeHold: a => ils.placeHold(a),
        cancelHold: a => ils.cancelHold(a),
        health: () => ils.health(),
        close: () => ils.close(),
      }),
    })
    const kiosk = await site.ready()
    expect((await kiosk.say('99')).get('BX')).toBe('YYYNYYYYYNYNNYYN')
    const lent = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    expect([lent.fixed.ok, lent.get('AJ'), lent.get('AH')]).toEqual([
      '1',
      '園林東西：億年之質',
      '2026-11-14 23:59:59',
    ])
    const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' }, { summary: '  Y       ' })
    expect([reader.get('AE'), reader.get('CQ'), reader.all('AU')]).toEqual(['顾小满', 'Y', ['B1001']])
    expect((await kiosk.say('29', { AA: 'R0001', AB: 'B1001' })).fixed.renewalOk).toBe('Y')
    expect((await kiosk.say('17', { AB: 'B1001' })).fixed.circulationStatus).toBe('04')
    expect((await kiosk.say('15', { AA: 'R0001', AB: 'B2001' })).fixed.ok).toBe('1')
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('1')
    const refused = await kiosk.say('11', { AA: 'R0001', AB: 'B4001' })
    expect([refused.fixed.ok, refused.get('AF')]).not.toContain('')
    expect((await kiosk.say('37', { AA: 'R0001', BV: '1.00' })).fixed.paymentAccepted).toBe('N')
  })
})
