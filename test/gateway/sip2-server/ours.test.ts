import { afterEach, describe, expect, it } from 'vitest'
import { aLine, anAccount, aReader, openSite, type Site, type SiteOptions } from './site.ts'

let site: Site
const open = async (options: SiteOptions = {}): Promise<Site> => {
  site = await openSite(options)
  return site
}
afterEach(() => site?.close())

const at = (local: string): number => Temporal.Instant.from(`${local}+08:00`).epochMilliseconds
const until = at('2026-12-01T00:00:00')
const told = () => site.world.told.map(({ line, what, data }) => ({ line, what, data }))
const loans = () => site.sandbox.state.snapshot().loans.filter(loan => !loan.barcode.startsWith('M'))

describe('a reader whom our ledger has frozen', () => {
  it('is flagged, and told why in the language asked in', async () => {
    await open()
    aReader(site.world, 'R0001', { frozenUntil: until })
    const kiosk = await site.ready()
    const chinese = await kiosk.say('63', { AA: 'R0001', AD: '1234' })
    expect(chinese.fixed.patronStatus).toBe('YY Y          ')
    expect([chinese.get('BL'), chinese.get('CQ')]).toEqual(['Y', 'Y'])
    expect(chinese.get('AF')).toBe('借阅资格暂停至 2026-12-01，还书不受影响。')
    const english = await kiosk.say('23', { AA: 'R0001' }, { language: '001' })
    expect(english.get('AF')).toBe('Borrowing is suspended until 2026-12-01; returns are welcome.')
  })

  it('may not borrow, renew or reserve, and is told so in the language of the last question', async () => {
    await open()
    aReader(site.world, 'R0001', { frozenUntil: until })
    const kiosk = await site.ready()
    await kiosk.say('63', { AA: 'R0001' }, { language: '001' })
    for (const [command, values] of [
      ['11', { AA: 'R0001', AB: 'B1001' }],
      ['29', { AA: 'R0001', AB: 'B1001' }],
      ['15', { AA: 'R0001', AB: 'B1001' }],
      ['65', { AA: 'R0001' }],
    ] as const) {
      const answer = await kiosk.say(command, values)
      expect([answer.fixed.ok, answer.get('AF')]).toEqual([
        '0',
        'Borrowing is suspended until 2026-12-01; returns are welcome.',
      ])
    }
    expect(loans()).toEqual([])
    expect(site.server.stats().accounts[0]!.errors.frozen).toBe(4)
  })

  it('may bring back, take a wish back, and is not frozen for ever', async () => {
    await open()
    aReader(site.world, 'R0001', { frozenUntil: at('2026-10-15T09:00:00') })
    aReader(site.world, 'R0002', { frozenUntil: until, patronId: 'p2' })
    const kiosk = await site.ready()
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('1')
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('1')
    await site.ils.placeHold({
      key: 'h',
      repeated: false,
      card: 'R0002',
      barcode: 'B2001',
      at: site.clock.now(),
    })
    expect((await kiosk.say('15', { AA: 'R0002', AB: 'B2001' }, { mode: '-' })).fixed.ok).toBe('1')
  })
})

describe('books of ours that wait for their reader', () => {
  it('stand among the holds, with the place and the day', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(
      aLine({ barcode: 'B1001', charged: true, collectUntil: at('2026-10-18T20:00:00') }),
      aLine({
        lineId: 'l2',
        barcode: 'B2001',
        status: 'in_locker',
        deskId: null,
        lockerId: 'k1',
        title: '图书馆学基础',
      }),
      aLine({ lineId: 'l3', barcode: 'B3001', status: 'shipped', title: '运河志' }),
    )
    const kiosk = await site.ready()
    const answer = await kiosk.say('63', { AA: 'R0001' }, { summary: 'Y         ' })
    expect(answer.all('AS')).toEqual(['B1001', 'B2001'])
    expect([answer.fixed.holdCount, answer.fixed.unavailableHoldCount]).toEqual(['0002', '0001'])
    expect(answer.get('CM')).toBe('20261018    200000')
    expect(answer.all('AF')).toEqual([
      '《图书馆学基础》在自助柜待取。',
      '《园林东西》在古胥门分馆待取，请于 2026-10-18 前取。',
    ])
    const later = await kiosk.say('63', { AA: 'R0001' }, { summary: '     Y    ' })
    expect(later.all('CD')).toEqual(['B3001'])
    const second = await kiosk.say('63', { AA: 'R0001', BP: '2', BQ: '2' }, { summary: 'Y         ' })
    expect(second.all('AS')).toEqual(['B2001'])
  })

  it('are counted once where the library system has the hold too, and mixed with its own', async () => {
    await open({ accounts: [anAccount({ lists: 'title', holdCount: 'all' })] })
    aReader(site.world, 'R0001')
    const hold = { repeated: false, card: 'R0001', at: site.clock.now() }
    await site.ils.placeHold({ ...hold, key: 'a', barcode: 'B2001' })
    await site.ils.placeHold({ ...hold, key: 'b', barcode: 'B3001' })
    site.world.lines.push(aLine({ barcode: 'B2001', held: true, recordId: 'w2' }))
    const kiosk = await site.ready()
    const answer = await kiosk.say('63', { AA: 'R0001' }, { summary: 'Y         ' })
    expect(answer.all('AS')).toEqual(['园林东西', '书 B3001'])
    expect([answer.fixed.holdCount, answer.fixed.unavailableHoldCount]).toEqual(['0002', '0001'])
  })

  it('are handed over without a second loan when they are charged already', async () => {
    await open()
    aReader(site.world, 'R0001')
    await site.ils.checkout({
      key: 'k',
      repeated: false,
      card: 'R0001',
      barcode: 'B1001',
      at: site.clock.now(),
    })
    site.world.lines.push(aLine({ barcode: 'B1001', charged: true, dueAt: at('2026-11-14T23:59:59') }))
    const kiosk = await site.ready()
    const wrong = await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '0000' })
    expect([wrong.fixed.ok, wrong.get('AF')]).toEqual(['0', '密码不对。'])
    const answer = await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '1234' })
    expect([answer.fixed.ok, answer.fixed.desensitize, answer.get('AH')]).toEqual([
      '1',
      'Y',
      '2026-11-14 23:59:59',
    ])
    expect(told()).toEqual([{ line: 'l1', what: 'collected', data: { branchId: 'gsq' } }])
    expect(site.sandbox.state.counts().checkout).toMatchObject({ done: 1, refused: 0 })
  })

  it('are lent at the machine when they are charged at hand-over, and the order knows', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(aLine({ barcode: 'B1001' }))
    const kiosk = await site.ready()
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('1')
    const dueAt = at('2026-11-14T23:59:59')
    expect(told()).toEqual([{ line: 'l1', what: 'collected', data: { branchId: 'gsq', charged: { dueAt } } }])
  })

  it('are not handed out twice when one should lie behind a door', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(
      aLine({ barcode: 'B1001', status: 'in_locker', lockerId: 'k1', deskId: null, charged: true }),
    )
    const kiosk = await site.ready()
    const answer = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    expect([answer.fixed.ok, answer.get('AF')]).toEqual(['0', '这本书请交给馆员处理。'])
    expect([told(), loans()]).toEqual([[], []])
  })

  it('are nobody else’s', async () => {
    await open()
    aReader(site.world, 'R0002', { patronId: 'p2' })
    site.world.lines.push(aLine({ barcode: 'B1001' }))
    const kiosk = await site.ready()
    const answer = await kiosk.say('11', { AA: 'R0002', AB: 'B1001' })
    expect([answer.fixed.ok, answer.get('AF')]).toEqual(['0', '这本书已由其他读者预约，请交给馆员。'])
    expect(loans()).toEqual([])
  })

  it('end their request when the reader takes a copy from the shelf and lends it at the machine', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(aLine({ barcode: 'B1001', status: 'picking', deskId: null }))
    const kiosk = await site.ready()
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('1')
    expect(told()).toMatchObject([{ what: 'cancel-requested', data: { by: 'reader' } }])
  })

  it('are on the hold shelf or on their way by 18', async () => {
    await open()
    site.world.lines.push(aLine({ barcode: 'B1001', deskId: 'pjl', collectUntil: at('2026-10-18T20:00:00') }))
    site.world.lines.push(aLine({ lineId: 'l2', barcode: 'B2001', status: 'shipped' }))
    const kiosk = await site.ready()
    const waits = await kiosk.say('17', { AB: 'B1001' })
    expect([waits.fixed.circulationStatus, waits.get('AP'), waits.get('CM')]).toEqual([
      '08',
      'PJL',
      '20261018    200000',
    ])
    expect((await kiosk.say('17', { AB: 'B2001' })).fixed.circulationStatus).toBe('10')
  })

  it('are given up at the machine by their reader', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(aLine({ barcode: 'B1001', status: 'picking' }))
    const kiosk = await site.ready()
    const answer = await kiosk.say('15', { AA: 'R0001', AB: 'B1001' }, { mode: '-' })
    expect([answer.fixed.ok, answer.get('AF')]).toEqual(['1', '已取消网上借阅。'])
    site.world.answersTell = false
    expect((await kiosk.say('15', { AA: 'R0001', AB: 'B1001' }, { mode: '-' })).fixed.ok).toBe('0')
  })

  it('are renewed in our books too', async () => {
    await open()
    aReader(site.world, 'R0001')
    const kiosk = await site.ready()
    await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    site.world.lines.push(aLine({ barcode: 'B1001', status: 'on_loan', charged: true }))
    await kiosk.say('29', { AA: 'R0001', AB: 'B1001' })
    await kiosk.say('65', { AA: 'R0001' })
    expect(site.world.told.map(one => one.what)).toEqual(['renewed', 'renewed'])
    expect(site.world.told[0]!.data).toMatchObject({ dueAt: at('2026-12-14T23:59:59') })
  })
})

describe('a return', () => {
  const onLoan = async (more = {}, options: SiteOptions = {}): Promise<void> => {
    await open(options)
    aReader(site.world, 'R0001')
    await site.ils.checkout({
      key: 'k',
      repeated: false,
      card: 'R0001',
      barcode: 'B1001',
      at: site.clock.now(),
    })
    site.world.lines.push(
      aLine({ barcode: 'B1001', status: 'on_loan', charged: true, deskId: null, ...more }),
    )
  }

  it('ends our line once the library system has accepted it, at the time it was handed in', async () => {
    await onLoan()
    const kiosk = await site.ready()
    const answer = await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' }, { returnDate: '20261015    080000' })
    expect(answer.fixed).toMatchObject({ ok: '1', alert: 'N' })
    expect(told()).toEqual([
      { line: 'l1', what: 'received', data: { branchId: 'gsq', checkedIn: { alert: false } } },
    ])
    expect(site.world.told[0]!.at).toBe(at('2026-10-15T08:00:00'))
    expect(loans()).toEqual([])
  })

  it('tells where the book belongs, by word and by bin; a sorted book needs no reminder', async () => {
    const bins = { here: '1', gsq: '3', staff: '9' }
    await onLoan({}, { accounts: [anAccount({ branchId: 'pjl', location: 'PJL', use: 'sorter', bins })] })
    const kiosk = await site.ready()
    const answer = await kiosk.say('09', { AB: 'B1001' })
    expect(answer.fixed.alert).toBe('Y')
    expect([answer.get('CV'), answer.get('CT'), answer.get('CL')]).toEqual(['04', 'GSQ', '3'])
    expect(told()).toMatchObject([{ data: { branchId: 'pjl', checkedIn: { alert: false } } }])
  })

  it('leaves a reminder to send it on where nobody has sorted it', async () => {
    await onLoan()
    const kiosk = await site.ready()
    const answer = await kiosk.say('09', { AB: 'B1001', AP: 'PJL' })
    expect([answer.get('CV'), answer.get('AF')]).toEqual(['04', expect.stringContaining('古胥门分馆')])
    expect(told()).toMatchObject([
      {
        data: {
          branchId: 'pjl',
          checkedIn: { alert: true, alertType: 'send-elsewhere', destination: 'GSQ' },
        },
      },
    ])
  })

  it('counts though the library system knew of it already', async () => {
    await onLoan({}, { system: 2 })
    await site.ils.checkin({
      key: 'c',
      repeated: false,
      barcode: 'B1001',
      returnedAt: site.clock.now(),
      at: site.clock.now(),
    })
    const kiosk = await site.ready()
    await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })
    expect(told()).toMatchObject([{ what: 'received', data: { checkedIn: { alert: false } } }])
  })

  it('is left to the order where the library system has not heard all of it', async () => {
    await onLoan({ unsettled: true })
    const kiosk = await site.ready()
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('1')
    expect(told()).toEqual([{ line: 'l1', what: 'received', data: { branchId: 'gsq' } }])
    expect(loans()).toHaveLength(1)
  })

  it('of a neighbour’s book sends it home, with or without an order of ours', async () => {
    await open({ accounts: [anAccount({ bins: { wj: '5' } })] })
    aReader(site.world, 'R0001')
    site.world.lines.push(
      aLine({
        barcode: 'WJ001',
        status: 'on_loan',
        charged: true,
        supplierId: 'wj',
        branchId: 'wj',
        deskId: null,
      }),
    )
    site.world.elsewhere.set('B2001', 'wj')
    const kiosk = await site.ready()
    const ours = await kiosk.say('09', { AB: 'WJ001', AP: 'GSQ' })
    expect([ours.fixed.ok, ours.get('CV'), ours.get('CT'), ours.get('CL')]).toEqual(['1', '04', 'WJ1', '5'])
    expect(told()).toEqual([{ line: 'l1', what: 'received', data: { branchId: 'gsq' } }])
    const theirs = await kiosk.say('09', { AB: 'B2001', AP: 'GSQ' })
    expect([theirs.fixed.ok, theirs.get('CV'), theirs.get('CT'), theirs.get('CL')]).toEqual([
      '1',
      '04',
      'wj',
      '5',
    ])
  })

  it('sends a book that an order of ours waits for to those who will pack it', async () => {
    await open()
    site.world.lines.push(aLine({ barcode: 'B1001', status: 'confirmed', branchId: 'pjl', deskId: null }))
    const kiosk = await site.ready()
    const answer = await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })
    expect([answer.fixed.alert, answer.get('CV'), answer.get('CT')]).toEqual(['Y', '02', 'PJL'])
  })

  it('cannot undo an online loan', async () => {
    await onLoan()
    const kiosk = await site.ready()
    expect((await kiosk.say('09', { AB: 'B1001', BI: 'Y' })).fixed.ok).toBe('0')
    expect(loans()).toHaveLength(1)
  })

  it('tells no one at a public screen for whom a book is held', async () => {
    await open({
      accounts: [anAccount(), anAccount({ id: 'sort', user: 'sort', use: 'sorter', tellsHolder: true })],
    })
    await site.ils.placeHold({
      key: 'h',
      repeated: false,
      card: 'R0001',
      barcode: 'B2001',
      at: site.clock.now(),
    })
    const hall = await site.ready()
    const shown = await hall.say('09', { AB: 'B2001', AP: 'GSQ' })
    expect([shown.get('CV'), shown.get('CY'), shown.get('DA')]).toEqual(['01', '', ''])
    const sorter = await site.ready({}, 'sort')
    const known = await sorter.say('09', { AB: 'B2001', AP: 'GSQ' })
    expect([known.get('CY'), known.get('DA')]).toEqual(['R0001', '顾小满'])
  })
})

describe('a cabinet of another make', () => {
  const cabinet = anAccount({ use: 'cabinet', branchId: 'pjl', location: 'PJL', tellsHolder: true })
  const parcel = (more = {}) =>
    aLine({
      barcode: 'B1001',
      status: 'packed',
      charged: true,
      delivery: { way: 'branch', branchId: 'pjl' },
      deskId: null,
      ...more,
    })

  it('loads what is for it, and nothing else', async () => {
    await open({ accounts: [cabinet] })
    aReader(site.world, 'R0001')
    site.world.lines.push(
      parcel(),
      parcel({ lineId: 'l2', barcode: 'B2001', delivery: { way: 'branch', branchId: 'gsq' } }),
    )
    const kiosk = await site.ready()
    const load = await kiosk.say('09', { AB: 'B1001', AP: 'PJL' })
    expect([load.fixed.ok, load.fixed.alert, load.get('CV'), load.get('CT')]).toEqual(['1', 'Y', '01', 'PJL'])
    expect([load.get('CY'), load.get('DA')]).toEqual(['R0001', '顾小满'])
    expect(told()).toEqual([{ line: 'l1', what: 'at-branch', data: { branchId: 'pjl' } }])
    const other = await kiosk.say('09', { AB: 'B2001', AP: 'PJL' })
    expect([other.fixed.ok, other.get('CV'), other.get('CT')]).toEqual(['1', '02', 'GSQ'])
    expect(site.sandbox.state.counts().checkin).toEqual({ done: 0, refused: 0, idle: 0 })
  })

  it('may read everything inside once more without harm', async () => {
    await open({ accounts: [cabinet] })
    site.world.lines.push(aLine({ barcode: 'B1001', deskId: 'pjl', charged: true }))
    site.world.lines.push(
      aLine({ lineId: 'l2', barcode: 'B2001', deskId: 'pjl', charged: true, status: 'expired' }),
    )
    const kiosk = await site.ready()
    expect((await kiosk.say('09', { AB: 'B1001' })).get('CV')).toBe('01')
    expect((await kiosk.say('09', { AB: 'B2001' })).get('CV')).toBe('99')
    expect(told()).toEqual([])
    expect(site.sandbox.state.counts().checkin).toEqual({ done: 0, refused: 0, idle: 0 })
  })

  it('shows its readers only what lies in it, and hands it out', async () => {
    await open({ accounts: [cabinet] })
    aReader(site.world, 'R0001')
    site.world.lines.push(aLine({ barcode: 'B1001', deskId: 'pjl', charged: true }))
    site.world.lines.push(aLine({ lineId: 'l2', barcode: 'B2001', deskId: 'gsq', charged: true }))
    const kiosk = await site.ready()
    const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' }, { summary: 'Y         ' })
    expect([reader.get('CQ'), reader.all('AS'), reader.fixed.unavailableHoldCount]).toEqual([
      'Y',
      ['B1001'],
      '0001',
    ])
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '1234' })).fixed.ok).toBe('1')
    expect(told()).toEqual([{ line: 'l1', what: 'collected', data: { branchId: 'pjl' } }])
  })

  it('gives what nobody fetched back at another machine', async () => {
    await open({ accounts: [anAccount()] })
    await site.ils.checkout({
      key: 'k',
      repeated: false,
      card: 'R0001',
      barcode: 'B1001',
      at: site.clock.now(),
    })
    site.world.lines.push(aLine({ barcode: 'B1001', deskId: 'pjl', charged: true, status: 'expired' }))
    const kiosk = await site.ready()
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('1')
    expect(told()).toEqual([{ line: 'l1', what: 'recovered', data: { checkedIn: { alert: false } } }])
    expect(loans()).toEqual([])
  })
})

describe('PINs', () => {
  it('count as tries wherever they are typed, and a locked card says no more', async () => {
    await open()
    const kiosk = await site.ready()
    expect((await kiosk.say('63', { AA: 'R0001', AD: '0000' })).get('CQ')).toBe('N')
    expect((await kiosk.say('63', { AA: 'R0001', AD: '1234' })).get('CQ')).toBe('Y')
    expect(site.world.pins).toMatchObject({ wrong: 1, right: 1 })
    site.world.pins.locked = true
    const locked = await kiosk.say('63', { AA: 'R0001', AD: '1234' })
    expect([locked.get('CQ'), locked.get('AE'), locked.get('AF')]).toEqual([
      'N',
      '',
      '密码错误次数过多，请稍后再试。',
    ])
  })
})

describe('a library without a link', () => {
  const byHand = (offline = { checkouts: true, checkins: true, loanDays: 30 }) => ({
    accounts: [anAccount({ byHand: true, offline })],
    ils: ({ ils }: { ils: Site['ils'] }) => ({
      name: 'manual',
      patron: async (q: Parameters<Site['ils']['patron']>[0]) => {
        const told = await ils.patron({ card: q.card })
        return told.ok ? { ...told, value: { ...told.value, pinValid: null } } : told
      },
      item: (b: string) => ils.item(b),
      checkout: () => Promise.reject(new Error('staff do that')),
      checkin: () => Promise.reject(new Error('staff do that')),
      renew: () => Promise.reject(new Error('staff do that')),
      placeHold: () => Promise.reject(new Error('staff do that')),
      cancelHold: () => Promise.reject(new Error('staff do that')),
      health: () => ({ state: 'up' as const, since: 0, queue: 0 }),
      close: async () => {},
    }),
  })

  it('serves its machines; staff enter what has happened', async () => {
    await open(byHand())
    const kiosk = await site.ready()
    const status = await kiosk.say('99')
    expect([status.fixed.onlineStatus, status.get('BX')]).toEqual(['Y', 'YYYNYYYYYNYNNNNN'])
    const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' })
    expect([reader.get('BL'), reader.get('CQ')]).toEqual(['Y', ''])
    const lent = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    expect([lent.fixed.ok, lent.get('AF')]).toEqual(['1', '已记下，馆员会在系统中办理。'])
    expect((await kiosk.say('09', { AB: 'B1001' })).fixed.ok).toBe('1')
    expect(site.world.happened.map(one => one.act)).toEqual(['checkout', 'checkin'])
    expect((await kiosk.say('29', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('0')
    expect((await kiosk.say('17', { AB: 'B1001' })).get('AJ')).toBe('園林東西：億年之質')
  })

  it('says no where its machines may not', async () => {
    await open(byHand({ checkouts: false, checkins: false, loanDays: 30 }))
    const kiosk = await site.ready()
    expect((await kiosk.say('99')).fixed).toMatchObject({ checkinOk: 'N', checkoutOk: 'N', offlineOk: 'N' })
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })).get('AF')).toBe('这里不能办理这项业务。')
    expect(site.world.happened).toEqual([])
  })
})
