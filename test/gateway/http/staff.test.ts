import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualIls } from '../../../src/adapters/ils/manual.ts'
import { auditPage, deadLetterPage } from '../../../src/gateway/http/api/office.ts'
import { scanResult, today, workList } from '../../../src/gateway/http/api/staff.ts'
import { staffActions } from '../../../src/gateway/orders/staff-actions.ts'
import { createManualTasks } from '../../../src/gateway/readers/manual-ils.ts'
import { verifyAudit } from '../../../src/gateway/store/audit.ts'
import { type GatewayOptions, type TestGateway, testGateway, type Who } from './gateway.ts'

let t: TestGateway
let wang: Who
let staff: Record<string, string>
const begin = async (options: GatewayOptions = {}): Promise<void> => {
  t = await testGateway(options)
  wang = await t.reader('2120500001')
  staff = await t.staff()
}
beforeEach(() => begin())
afterEach(() => t.close())

const get = <T>(path: string, who = staff): Promise<T> => t.ask<T>(who, 'GET', path)
const list = async (name: string, who = staff) =>
  workList.parse(await get(`/api/staff/work/${name}`, who)).rows
const scan = async (code: string, more: object = {}, who = staff) => {
  const result = scanResult.parse(await t.ask(who, 'POST', '/api/staff/scan', { code, ...more }))
  await t.idle()
  return result
}
const toLocker = { way: 'locker', lockerId: 'guanqian' }

describe('the desk', () => {
  it('shows what waits, and walks a book through the lists by its next buttons', async () => {
    const one = await t.order(wang, '三体')
    const [row] = await list('find')
    expect(row).toMatchObject({
      title: '三体',
      barcode: 'S1',
      reader: '王**',
      status: 'picking',
      branchId: 'sucheng-main',
      delivery: { way: 'branch', name: { zh: '总馆' } },
      risk: 'on-time',
      can: ['found', 'not-found', 'cancel'],
    })
    const board = today.parse(await get('/api/staff/today'))
    expect(board.counts).toMatchObject({ toFind: 1, toPack: 0 })
    expect(board.flow[10]).toMatchObject({ received: 1, found: 0 })
    expect(board.ils).toMatchObject([{ libraryId: 'sucheng', state: 'up' }])

    const found = await t.press(staff, one.lineId, 'found', { barcode: 'S1' })
    expect([found.signal, found.say.zh, found.next?.zh]).toEqual(['yes', '找到了。', '请打包。'])
    expect(found.row?.can[0]).toBe('pack')
    expect((await list('pack')).map(r => r.lineId)).toEqual([one.lineId])
    const packed = await t.press(staff, one.lineId, 'pack')
    expect([packed.signal, packed.next?.zh]).toEqual(['yes', '请放到待取架。'])
    expect((await list('send')).map(r => r.lineId)).toEqual([one.lineId])
    await t.press(staff, one.lineId, 'at-branch')
    const over = await t.press(staff, one.lineId, 'hand-over')
    expect([over.signal, over.say.zh, over.row?.status]).toEqual(['yes', '已交给读者。', 'on_loan'])
  })

  it('finds and packs by scanning alone', async () => {
    const one = await t.order(wang, '三体')
    expect((await scan('S1')).signal).not.toBe('no')
    expect((await scan('S1')).say.zh).toBe('已打包。')
    expect((await t.line(one)).status).toBe('packed')
    expect(await scan('no-such-barcode')).toMatchObject({ signal: 'no', row: null })
  })

  it('says no where an act makes no sense, and changes nothing', async () => {
    const one = await t.order(wang, '三体')
    await t.lend(staff, one)
    const before = await t.line(one)
    for (const action of ['found', 'pack', 'hand-over', 'recover', 'routed', 'lost-paid']) {
      const answer = await t.press(staff, one.lineId, action)
      expect([action, answer.signal, answer.row?.status]).toEqual([action, 'no', 'on_loan'])
    }
    expect(await t.line(one)).toEqual(before)
  })

  it('takes every button that a row offers, and no other word', async () => {
    const one = await t.order(wang, '三体')
    const [row] = await list('find')
    for (const action of row!.can) expect(staffActions).toContain(action)
    await expect(t.press(staff, one.lineId, 'burn')).rejects.toThrow('400 invalid-request')
  })

  it('tells the reader’s library’s refusal of a check-out at once, so that nobody packs', async () => {
    const one = await t.order(wang, '三体')
    t.ils.sucheng.addPatron('2120500001', ['excessive-fines'])
    const found = await t.press(staff, one.lineId, 'found')
    expect([found.signal, found.row?.status]).toEqual(['look', 'checkout_refused'])
    expect((await list('exceptions')).map(r => r.lineId)).toEqual([one.lineId])
  })

  it('notes an act while the library system is away, and finishes it when it is back', async () => {
    const one = await t.order(wang, '三体')
    t.ils.sucheng.luck = () => 'away'
    const path = `/api/staff/lines/${one.lineId}/found`
    const asked = t.ask<{ signal: string; row: { ilsPending: boolean } }>(staff, 'POST', path, {})
    await t.idle()
    for (let turn = 0; turn < 20; turn++) await t.clock.advance(500)
    const noted = await asked
    expect(noted).toMatchObject({ signal: 'look', row: { ilsPending: true } })
    t.ils.sucheng.luck = () => 'fine'
    await t.clock.advance(60_000)
    await t.idle()
    expect((await t.line(one)).status).toBe('charged')
  })
})

describe('a library’s staff', () => {
  it('neither see nor touch what is no business of theirs', async () => {
    const one = await t.order(wang, '活着')
    const far = await t.staff('wujiang')
    expect(await list('find', far)).toEqual([])
    for (const action of ['found', 'cancel', 'put-in-locker', 'confirm'])
      await expect(t.press(far, one.lineId, action)).rejects.toThrow('404 unknown-line')
    await expect(t.press(staff, 'nothing', 'found')).rejects.toThrow('404 unknown-line')
    expect((await t.line(one)).status).toBe('picking')
  })

  it('find what their library supplies to another one’s reader', async () => {
    const one = await t.order(wang, '吴江县志')
    const far = await t.staff('wujiang')
    expect((await list('find', far)).map(row => [row.title, row.reader])).toEqual([['吴江县志', '王**']])
    expect(await list('find')).toEqual([])
    expect((await t.press(far, one.lineId, 'found')).signal).toBe('yes')
  })

  it('do not stand in another library', async () => {
    await expect(scan('S1', { branchId: 'wujiang-main' })).rejects.toThrow('403 forbidden')
    await expect(scan('S1', { branchId: 'nowhere' })).rejects.toThrow('404 unknown-branch')
  })
})

describe('putting a parcel into a locker', () => {
  it('opens a compartment, and only the closed door says that it is in', async () => {
    const one = await t.order(wang, '三体', toLocker)
    await t.press(staff, one.lineId, 'found')
    const opened = await t.press(staff, one.lineId, 'put-in-locker')
    expect(opened).toMatchObject({ signal: 'yes' })
    expect(opened.say.zh).toMatch(/号门已打开/)
    expect([t.hand.pulses.length, (await t.line(one)).status]).toEqual([1, 'packed'])
    t.hand.open.clear()
    await t.clock.advance(5000)
    await t.idle()
    expect((await t.line(one)).status).toBe('in_locker')
  })

  it('says so when the door does not open', async () => {
    const one = await t.order(wang, '三体', toLocker)
    await t.press(staff, one.lineId, 'found')
    for (let channel = 1; channel <= 8; channel++) t.hand.jammed.add(`1/${channel}`)
    for (let channel = 1; channel <= 4; channel++) t.hand.jammed.add(`2/${channel}`)
    expect((await t.press(staff, one.lineId, 'put-in-locker')).signal).not.toBe('yes')
    expect((await t.line(one)).status).toBe('packed')
  })

  it('of a book that is not found yet, without a locker, or into an unknown one opens nothing', async () => {
    const one = await t.order(wang, '活着')
    expect((await t.press(staff, one.lineId, 'put-in-locker')).signal).toBe('no')
    await expect(t.press(staff, one.lineId, 'put-in-locker', { lockerId: 'x' })).rejects.toThrow(
      '404 unknown-locker',
    )
    const two = await t.order(wang, '三体', toLocker)
    expect((await t.press(staff, two.lineId, 'put-in-locker')).signal).toBe('no')
    expect(t.hand.pulses).toEqual([])
  })
})

describe('what could not be done', () => {
  const stuck = async () => {
    const one = await t.order(wang, '三体')
    await t.store.db
      .updateTable('outbox')
      .set({
        state: 'dead',
        last_problem: JSON.stringify({
          kind: 'refused',
          code: 'x',
          say: { zh: '没有受理', en: 'no' },
          their: { code: '17', text: 'no such item' },
        }),
      })
      .where('line_id', '=', one.lineId)
      .execute()
    return one
  }

  it('is shown to staff with the other side’s words, and without what it was to be done with', async () => {
    const one = await stuck()
    const { items, next } = deadLetterPage.parse(await get('/api/staff/dead-letters'))
    expect(items[0]).toMatchObject({ lineId: one.lineId, say: { zh: '没有受理' }, their: { code: '17' } })
    expect([next, Object.keys(items[0]!).includes('payload')]).toEqual([null, false])
    expect(
      deadLetterPage.parse(await get('/api/staff/dead-letters', await t.staff('wujiang'))).items,
    ).toEqual([])
  })

  it('is tried again by a manager, on record', async () => {
    await stuck()
    const manager = await t.staff('sucheng', 'manager')
    const { items } = deadLetterPage.parse(await get('/api/staff/dead-letters'))
    const path = `/api/staff/dead-letters/${encodeURIComponent(items[0]!.id)}/retry`
    await expect(t.ask(staff, 'POST', path)).rejects.toThrow('403 forbidden')
    await expect(t.ask(await t.staff('wujiang', 'manager'), 'POST', path)).rejects.toThrow('404 not-found')
    await t.ask(manager, 'POST', path)
    await t.idle()
    const left = deadLetterPage.parse(await get('/api/staff/dead-letters')).items
    expect(left.some(letter => letter.id === items[0]!.id)).toBe(false)
    await expect(t.ask(manager, 'POST', path)).rejects.toThrow('404 not-found')
    const auditor = await t.staff('sucheng', 'auditor')
    const { items: entries } = auditPage.parse(await get('/api/staff/audit', auditor))
    expect(entries[0]).toMatchObject({ action: 'dead-letter-retried', subject: items[0]!.id })
    expect(await verifyAudit(t.store.db, 'sucheng')).toMatchObject({ whole: true })
  })
})

describe('the audit log', () => {
  it('is for auditors, newest first, and pages', async () => {
    const { audit } = await import('../../../src/gateway/store/audit.ts')
    for (let n = 1; n <= 60; n++)
      await t.store.tx(tx =>
        audit(tx, {
          ...{ libraryId: 'sucheng', at: t.clock.now(), actor: 'staff:a', action: 'tried' },
          ...{ subject: `${n}`, reason: '' },
        }),
      )
    const auditor = await t.staff('sucheng', 'auditor')
    const first = auditPage.parse(await get('/api/staff/audit', auditor))
    const second = auditPage.parse(await get(`/api/staff/audit?cursor=${first.next}`, auditor))
    const subjects = [...first.items, ...second.items].filter(e => e.action === 'tried').map(e => e.subject)
    expect(subjects).toEqual(Array.from({ length: 60 }, (_, i) => `${60 - i}`))
    await expect(get('/api/staff/audit')).rejects.toThrow('403 forbidden')
    await expect(get('/api/staff/audit?cursor=x', auditor)).rejects.toThrow('400')
  })
})

describe('a library without a link to its system', () => {
  /** The gateway of a library whose staff act by hand; nothing happens before they say so. */
  const byHand = async (): Promise<void> => {
    await t.close()
    let ils: ReturnType<typeof createManualIls> | undefined
    await begin({ ils: id => (id === 'sucheng' ? ils : undefined) })
    const { store, personal, clock } = t
    const item = async (_: string, barcode: string) => ({
      ...{ barcode, title: '三体', status: 'available' as const, messages: [] },
    })
    const tasks = await createManualTasks({ libraryId: 'sucheng', store, personal, item })
    ils = createManualIls({ name: 'manual', tasks, clock })
  }

  /** The page answers when it has waited as long as a person would. */
  const foundByHand = async ({ lineId }: { lineId: string }): Promise<void> => {
    const asked = t.ask(staff, 'POST', `/api/staff/lines/${lineId}/found`, {})
    await t.idle()
    for (let turn = 0; turn < 20; turn++) await t.clock.advance(500)
    await asked
  }

  it('has its tasks on a list that says what to do, and goes on as soon as staff have done them', async () => {
    await byHand()
    const one = await t.order(wang, '三体')
    const [hold] = await list('manual')
    expect(hold).toMatchObject({ lineId: one.lineId, can: ['confirm'] })
    expect(hold?.trouble?.zh).toBe('请在本馆系统办预约，证号 2120500001，条码 S1')
    expect((await t.press(staff, one.lineId, 'confirm')).say.zh).toBe('已记为手工办好。')
    expect([await list('manual'), (await t.line(one)).status]).toEqual([[], 'picking'])
    await foundByHand(one)
    const loan = (await list('manual')).find(row => row.trouble?.zh.includes('办借出'))
    expect(loan).toBeDefined()
    while ((await list('manual')).length > 0)
      await t.press(staff, one.lineId, 'confirm', { note: '应还 2026-12-20' })
    const line = await t.line(one)
    expect(line.status).toBe('charged')
    expect(new Date(line.dueAt!).toISOString()).toBe('2026-12-20T15:59:59.000Z')
    const auditor = await t.staff('sucheng', 'auditor')
    const { items } = auditPage.parse(await get('/api/staff/audit', auditor))
    expect(items.map(entry => entry.action)).toContain('manual-task-confirmed')
    expect(JSON.stringify(items)).not.toContain('2120500001')
  })

  it('is told when its system said no', async () => {
    await byHand()
    const one = await t.order(wang, '三体')
    await t.press(staff, one.lineId, 'confirm')
    await foundByHand(one)
    while ((await list('manual')).length > 0) {
      await t.press(staff, one.lineId, 'confirm', { reason: '这本书不外借' })
    }
    expect((await t.line(one)).charged).toBe(false)
    const [row] = await list('exceptions')
    expect([row?.lineId, row?.trouble?.zh]).toEqual([one.lineId, expect.stringContaining('这本书不外借')])
    await expect(t.press(staff, 'nothing', 'confirm')).rejects.toThrow('404 unknown-line')
  })
})
