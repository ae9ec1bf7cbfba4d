import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type ActedHereJson,
  actedHere,
  type HereJson,
  maybeHere,
  phoneCorner,
} from '../../../src/gateway/http/api/here.ts'
import { type KioskAnswerJson, kioskAnswer } from '../../../src/gateway/http/api/staff.ts'
import { issueKey } from '../../../src/gateway/store/keys.ts'
import { type TestGateway, testGateway, type Who } from './gateway.ts'

let t: TestGateway
let staff: Record<string, string>
let wang: Who
let li: Who
let screen: Record<string, string>
beforeEach(async () => {
  t = await testGateway()
  staff = await t.staff()
  wang = await t.reader('2120500001')
  li = await t.reader('2120500002')
  const { secret } = await t.store.tx(tx =>
    issueKey(
      tx,
      {
        libraryId: 'sucheng',
        kind: 'device',
        subject: 'guanqian',
        scopes: [],
        name: 'screen',
        expiresAt: null,
      },
      t.ids,
      t.clock.now(),
    ),
  )
  screen = { Authorization: `Device ${secret}` }
})
afterEach(() => t.close())

const toLocker = { way: 'locker', lockerId: 'guanqian' }
const shutDoor = async () => {
  const [open] = [...t.hand.open]
  t.hand.open.delete(open!)
  await t.clock.advance(5000)
  await t.idle()
}
const ready = async (who: Who, title: string) => {
  const one = await t.order(who, title, toLocker)
  await t.press(staff, one.lineId, 'found')
  await t.press(staff, one.lineId, 'put-in-locker')
  await shutDoor()
  return one
}
const scanned = async () => {
  const { url } = phoneCorner.parse(await t.ask(screen, 'GET', '/api/kiosk/phone'))
  return url?.replace('/#/here/', '') ?? ''
}
const arrive = async (who: Who, code?: string): Promise<HereJson | null> =>
  maybeHere.parse(await t.ask(who.headers, 'POST', '/api/me/here', { code: code ?? (await scanned()) })).here
const act = async (who: Who, what: string, json: unknown): Promise<ActedHereJson> =>
  actedHere.parse(await t.ask(who.headers, 'POST', `/api/me/here/${what}`, json))
const giveBack = async (code: string): Promise<KioskAnswerJson> =>
  kioskAnswer.parse(await t.ask(screen, 'POST', '/api/kiosk/return', { code }))

describe('a reader before a cabinet, with a phone', () => {
  it('scans the screen, takes the book out, and later gives it back the same way', async () => {
    const one = await ready(wang, '三体')
    const here = await arrive(wang)
    expect(here).toMatchObject({
      locker: { id: 'guanqian', place: '观前街 1 号', online: true },
      parcels: [{ orderId: one.id }],
      loans: [],
    })
    expect(phoneCorner.parse(await t.ask(screen, 'GET', '/api/kiosk/phone'))).toMatchObject({
      url: null,
      served: { label: null },
    })
    const { parcel } = here!.parcels[0]!
    const opened = await act(wang, 'open', { parcel })
    expect(opened).toMatchObject({
      answer: { signal: 'open' },
      here: { visit: { state: 'open', door: 'open' } },
    })
    await shutDoor()
    expect((await t.line(one)).status).toBe('on_loan')
    const after = maybeHere.parse(await t.ask(wang.headers, 'GET', '/api/me/here')).here
    expect(after).toMatchObject({
      parcels: [],
      loans: [{ lineId: one.lineId, title: '三体' }],
      visit: { state: 'over', done: true },
    })
    expect((await act(wang, 'return', { orderId: one.id, lineId: one.lineId })).answer.signal).toBe('open')
    await shutDoor()
    expect((await t.line(one)).status).toBe('return_in_locker')
    await t.ask(wang.headers, 'DELETE', '/api/me/here')
    expect(maybeHere.parse(await t.ask(wang.headers, 'GET', '/api/me/here')).here).toBe(null)
    expect(await scanned()).toMatch(/^SQH1\.guanqian\./)
  })

  it('is refused what is another reader’s, and what is not on loan', async () => {
    const one = await ready(wang, '三体')
    await arrive(li)
    expect((await act(li, 'open', { parcel: (await t.line(one)).parcelNumber! })).answer).toMatchObject({
      signal: 'no',
      say: { en: 'No such book of yours is here.' },
    })
    expect((await act(li, 'return', { orderId: one.id, lineId: one.lineId })).answer.signal).toBe('no')
    await t.ask(li.headers, 'DELETE', '/api/me/here')
    await arrive(wang)
    // It lies in the cabinet and is nobody's loan yet.
    expect((await act(wang, 'return', { orderId: one.id, lineId: one.lineId })).answer.signal).toBe('no')
    expect(t.hand.open.size).toBe(0)
  })

  it('guesses codes a few times only, and is not punished for one that is over', async () => {
    const old = await scanned()
    await t.clock.advance(90_000)
    for (let i = 0; i < 8; i++) await expect(arrive(wang, old)).rejects.toThrow('409 here-code-stale')
    const guess = `SQH1.guanqian.000001.${'a'.repeat(22)}`
    for (let i = 0; i < 5; i++) await expect(arrive(wang, guess)).rejects.toThrow('409 no-here-code')
    await expect(arrive(wang, guess)).rejects.toThrow('429 too-many-attempts')
    await expect(arrive(wang)).rejects.toThrow('429 too-many-attempts')
    expect((await arrive(li))?.locker.id).toBe('guanqian')
  })

  it('comes with a session and from our own page, and the code alone opens nothing', async () => {
    const code = await scanned()
    const open = (headers: Record<string, string>) => t.ask(headers, 'POST', '/api/me/here', { code })
    await expect(open({})).rejects.toThrow('401')
    await expect(open(staff)).rejects.toThrow('403')
    await expect(open(screen)).rejects.toThrow('403')
    const plain = await t.app.request('/api/me/here', {
      method: 'POST',
      headers: { ...wang.headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    expect(plain.status).toBe(403)
    expect(maybeHere.parse(await t.ask(wang.headers, 'GET', '/api/me/here')).here).toBe(null)
    expect((await act(wang, 'open', { parcel: 'any' })).answer.signal).toBe('no')
  })
})

describe('a book given back at the screen', () => {
  it('of another library goes in by its barcode, a scanner’s or typed, or by the loan’s own code', async () => {
    const theirs = await t.order(wang, '吴江县志')
    for (const action of ['found', 'pack', 'send'])
      await t.press(await t.staff('wujiang'), theirs.lineId, action)
    for (const action of ['at-branch', 'hand-over']) await t.press(staff, theirs.lineId, action)
    expect((await t.line(theirs)).status).toBe('on_loan')
    expect((await giveBack('W9')).signal).toBe('open')
    await shutDoor()
    expect((await t.line(theirs)).status).toBe('return_in_locker')
    expect((await giveBack('W9')).say.en).toContain('not out on loan')
  })

  it('of another library goes in by phone as well, and the history of the door does not say whose phone', async () => {
    const theirs = await t.order(wang, '吴江县志')
    for (const action of ['found', 'pack', 'send'])
      await t.press(await t.staff('wujiang'), theirs.lineId, action)
    for (const action of ['at-branch', 'hand-over']) await t.press(staff, theirs.lineId, action)
    await arrive(wang)
    const opened = await act(wang, 'return', { orderId: theirs.id, lineId: theirs.lineId })
    expect(opened.answer.signal).toBe('open')
    await shutDoor()
    expect((await t.line(theirs)).status).toBe('return_in_locker')
    const door = `/api/staff/lockers/guanqian/compartments/${opened.answer.compartment!.id}/history`
    const { items } = await t.ask<{ items: { kind: string; actor: string }[] }>(staff, 'GET', door)
    expect(items.find(one => one.kind === 'returned')?.actor).toBe('reader')
  })

  it('of somebody else goes in, too, and ends that reader’s loan', async () => {
    const one = await t.order(wang, '活着')
    await t.lend(staff, one)
    await arrive(li)
    // The code on the owner's phone names the loan, also where two libraries use one barcode.
    expect((await giveBack(one.lineId)).signal).toBe('open')
    await shutDoor()
    expect((await t.line(one)).status).toBe('return_in_locker')
  })

  it('that is not on loan, or that nobody knows, is sent to a librarian', async () => {
    for (const code of ['S4', 'X-UNKNOWN', '9787544258975'])
      expect(await giveBack(code)).toMatchObject({
        signal: 'no',
        say: { en: expect.stringContaining('librarian') },
      })
    expect(t.hand.open.size).toBe(0)
  })

  it('finds the cabinet full, and is told where to go, at the screen and by phone', async () => {
    const one = await t.order(wang, '三体')
    await t.lend(staff, one)
    const { lockers } = t
    const ids = (await lockers.picture('guanqian')) as unknown as {
      value: { compartments: { id: string }[] }
    }
    for (const { id } of ids.value.compartments)
      await lockers.setService({
        lockerId: 'guanqian',
        compartmentId: id,
        actor: 'staff:x',
        reason: '满',
        inService: false,
      })
    const { barcode } = await t.line(one)
    const words = /分馆的柜台/
    expect((await giveBack(barcode!)).say.zh).toMatch(words)
    await arrive(wang)
    expect((await act(wang, 'return', { orderId: one.id, lineId: one.lineId })).answer.say.zh).toMatch(words)
  })
})
