import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Agent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { createOrder, readOrder, readReply } from '../../../src/adapters/couriers/sf/messages.ts'
import { createSf } from '../../../src/adapters/couriers/sf/sf.ts'
import { digest, javaUrlEncode, safeJson } from '../../../src/adapters/couriers/sf/signing.ts'
import { createHttp } from '../../../src/adapters/http.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { createIds } from '../../../src/kernel/ids.ts'
import type { Problem } from '../../../src/kernel/problem.ts'
import { ringTranscript } from '../../../src/kernel/transcript.ts'
import { unservedAddress } from '../../../src/sandbox/sf/orders.ts'
import { type SandboxSf, type SandboxSfOptions, startSandboxSf } from '../../../src/sandbox/sf/sf.ts'
import { courierContract, parcelOf } from '../../contracts/courier.ts'

const agent = new Agent()
const clock = new ManualClock('2026-11-02T01:00:00Z')
const secrets = { partnerId: 'LIBTEST', checkWord: 'check-word-of-the-test' }
const open: SandboxSf[] = []
afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.close()
})
const setup = async (options: Partial<SandboxSfOptions> = {}, wrong: Partial<typeof secrets> = {}) => {
  const sandbox = await startSandboxSf({ clock, ...secrets, ...options })
  open.push(sandbox)
  const transcript = ringTranscript(100)
  const peer = createHttp({ agent, clock, transcript: transcript.take }).peer('sf')
  const sf = createSf({ ...secrets, ...wrong, endpoint: sandbox.url }, { clock, peer, ids: createIds(clock) })
  return { sandbox, sf, transcript }
}
const problemOf = (answer: { ok: boolean }): Problem =>
  (answer as { problem: Problem } & { ok: false }).problem
const book = async (sf: Awaited<ReturnType<typeof setup>>['sf'], number: string): Promise<string> => {
  const answer = await sf.book(parcelOf(number))
  if (!answer.ok) throw new Error(answer.problem.code)
  return answer.value.waybill
}

courierContract('sf', async () => (await setup()).sf)
courierContract('sf where a repeated order gives the first waybill', async () => {
  return (await setup({ repeatedOrder: 'first-waybill' })).sf
})

const file = new URL('../../../../shared/vectors/courier.json', import.meta.url)
const present = existsSync(file)
if (!present) console.log('vectors of couriers are absent: those tests are skipped')
describe.skipIf(!present)('the digest as Java makes it', () => {
  const { checkWord, cases = [] } = present
    ? (
        JSON.parse(readFileSync(file, 'utf8')) as {
          sf: { checkWord: string; cases: Record<string, string>[] }
        }
      ).sf
    : { checkWord: '' }

  it.each(cases)('$name', ({ msgData = '', timestamp = '', java_encoded, msgDigest }) => {
    expect(javaUrlEncode(msgData + timestamp + checkWord)).toBe(java_encoded)
    expect(digest(msgData, timestamp, checkWord)).toBe(msgDigest)
  })
})

describe('the message text', () => {
  it('means the same and is encoded alike by every language', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const json = safeJson({ text })
        expect(JSON.parse(json)).toEqual({ text: JSON.parse(JSON.stringify(text)) })
        expect(json).not.toMatch(/[*~!'()]/)
        expect(javaUrlEncode(json)).toBe(encodeURIComponent(json).replaceAll('%20', '+'))
      }),
    )
  })

  it('lets the library pay, whichever way a parcel goes', () => {
    const settings = { ...secrets, endpoint: '' }
    expect(createOrder(parcelOf('P-1'), settings).data).toMatchObject({ payMethod: 1, isDocall: 0 })
    expect(createOrder(parcelOf('P-1', { back: true }), settings).data).toMatchObject({
      payMethod: 2,
      isDocall: 1,
    })
  })

  it('says when the courier shall come, in Beijing time', () => {
    const parcel = parcelOf('P-1', { back: true, pickupFrom: Date.parse('2026-11-02T23:30:00Z') })
    expect(createOrder(parcel, { ...secrets, endpoint: '' }).data).toMatchObject({
      sendStartTm: '2026-11-03 07:30:00',
    })
  })
})

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/couriers/sf/${name}.json`, import.meta.url), 'utf8')

describe('an answer of SF', () => {
  it.each(['reply-result-as-text', 'reply-result-as-object'])('is read from %s', name => {
    const reply = readReply(fixture(name))
    expect(reply.ok && readOrder(reply.value)).toEqual({ ok: true, value: 'SF7444400000011' })
  })

  it('is a push whose nodes may come in any order', async () => {
    const push = (await setup()).sf.readPush(
      fixture('push-out-of-order-with-unknown-code'),
      'application/json',
    )
    const sightings = push.ok ? push.value : []
    expect(sightings.map(({ kind, parcelNumber }) => [kind, parcelNumber])).toEqual([
      ['signed', 'P-20261123-1'],
      ['picked-up', 'P-20261123-1'],
      ['unknown', 'P-20261123-1'],
    ])
    expect(sightings[1]!.at).toBe(Date.parse('2026-11-23T16:20:00+08:00'))
    expect(JSON.stringify(sightings)).not.toContain('13900001234')
  })
})

describe('booking with SF', () => {
  it('finds the parcel it booked when the answer was lost', async () => {
    const { sandbox, sf } = await setup()
    sandbox.fail('EXP_RECE_CREATE_ORDER', { kind: 'acted-cut' })
    expect(problemOf(await sf.book(parcelOf('P-1')))).toMatchObject({ kind: 'unreachable', maybeDone: true })
    expect(await sf.book(parcelOf('P-1'))).toMatchObject({ ok: true, value: { already: true } })
    expect(sandbox.parcels()).toHaveLength(1)
    expect(sandbox.calls.map(call => call.errorCode)).toEqual(['S0000', '8016', 'S0000'])
  })

  it('is refused where the carrier does not deliver', async () => {
    const { sf } = await setup()
    const parcel = parcelOf('P-1')
    const answer = await sf.book({ ...parcel, to: { ...parcel.to, address: `${unservedAddress}的岛` } })
    expect(problemOf(answer)).toMatchObject({ kind: 'refused', code: 'courier-out-of-range' })
  })

  it('tells staff the carrier’s code when an order is incomplete', async () => {
    const { sf } = await setup()
    const parcel = parcelOf('P-1')
    const answer = await sf.book({ ...parcel, to: { ...parcel.to, phone: '' } })
    expect(problemOf(answer)).toMatchObject({ kind: 'refused', their: { code: '1016' } })
  })

  it.each([
    ['A1005', 'unreachable'],
    ['A1009', 'unreachable'],
    ['A1003', 'misconfigured'],
    ['A4711', 'misconfigured'],
  ])('reads the gateway’s %s as %s', async (code, kind) => {
    const { sandbox, sf } = await setup()
    sandbox.fail('*', { kind: 'outer', code })
    expect(problemOf(await sf.book(parcelOf('P-1')))).toMatchObject({ kind, their: { code } })
  })

  it('is misconfigured with a wrong check word, or without the service', async () => {
    const mistyped = await setup({}, { checkWord: 'mistyped' })
    expect(problemOf(await mistyped.sf.book(parcelOf('P-1')))).toMatchObject({ their: { code: 'A1006' } })
    const withheld = await setup({ withheld: ['EXP_RECE_CREATE_ORDER'] }, { checkWord: 'mistyped' })
    expect(problemOf(await withheld.sf.book(parcelOf('P-1')))).toMatchObject({ their: { code: 'A1004' } })
  })

  it('keeps a garbled answer from becoming a waybill', async () => {
    const { sandbox, sf } = await setup()
    sandbox.fail('*', { kind: 'garbled' })
    expect(problemOf(await sf.book(parcelOf('P-1')))).toMatchObject({ kind: 'garbled' })
  })

  it('does not cancel what the courier has collected', async () => {
    const { sandbox, sf } = await setup()
    await sandbox.move(await book(sf, 'P-1'), '50')
    expect(problemOf(await sf.cancel('P-1'))).toMatchObject({ kind: 'refused' })
  })

  it('leaves no name, phone or address in the transcript', async () => {
    const { sf, transcript } = await setup()
    await book(sf, 'P-1')
    expect(transcript.lines().map(line => line.text)).toEqual(['EXP_RECE_CREATE_ORDER', '200 A1000 S0000'])
  })
})

describe('where an SF parcel is', () => {
  it('is told for the phone tail, and for no other', async () => {
    const { sandbox, sf } = await setup()
    const waybill = await book(sf, 'P-1')
    await sandbox.move(waybill, '50')
    await sandbox.move(waybill, '80')
    const track = (phoneTail: string) => sf.track({ number: 'P-1', waybill, phoneTail })
    expect(await track('1234')).toMatchObject({
      ok: true,
      value: [{ kind: 'picked-up' }, { kind: 'signed' }],
    })
    expect(await track('9999')).toEqual({ ok: true, value: [] })
  })

  it('is the same event whether it was pushed or asked for', async () => {
    const { sandbox, sf } = await setup()
    const waybill = await book(sf, 'P-1')
    await sandbox.move(waybill, '44')
    const tracked = await sf.track({ number: 'P-1', waybill, phoneTail: '1234' })
    const node = { id: '7', mailno: waybill, orderid: 'P-1', acceptTime: '2026-11-02 09:00:00', opCode: '44' }
    const pushed = sf.readPush(JSON.stringify({ Body: { WaybillRoute: [node] } }), 'application/json')
    expect(pushed).toMatchObject({ value: [{ kind: 'out-for-delivery', parcelNumber: 'P-1' }] })
    expect(tracked.ok && tracked.value[0]?.id).toBe(pushed.ok && pushed.value[0]?.id)
  })

  it('is unknown for a code nobody has explained, and keeps the code', async () => {
    const { sf } = await setup()
    const node = {
      mailno: 'SF7444400000001',
      acceptTime: '2026-11-02 09:00:00',
      opCode: '4711',
      remark: '电话13900001234',
    }
    expect(sf.readPush(JSON.stringify({ Body: { WaybillRoute: [node] } }), '')).toMatchObject({
      value: [{ kind: 'unknown', their: { code: '4711', text: '电话***' } }],
    })
  })

  it.each(['', '[]', '{"Body":{}}', '{"Body":{"WaybillRoute":[{"mailno":"x"}]}}', 'null', '{"Body":null}'])(
    'is not read from %j',
    async body =>
      expect((await setup()).sf.readPush(body, '')).toMatchObject({
        ok: false,
        problem: { kind: 'garbled' },
      }),
  )

  it('never throws on a push, whatever it holds', async () => {
    const { sf } = await setup()
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        sf.readPush(JSON.stringify(value), '')
        sf.readPush(JSON.stringify({ Body: { WaybillRoute: value } }), '')
      }),
    )
  })

  it('acknowledges in the words the carrier waits for', async () => {
    const { sf } = await setup()
    expect(JSON.parse(sf.ack(true).body)).toMatchObject({ return_code: '0000' })
    expect(JSON.parse(sf.ack(false).body)).toMatchObject({ return_code: '1000' })
  })
})
