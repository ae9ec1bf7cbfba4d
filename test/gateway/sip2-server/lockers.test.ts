import { existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { aLine, anAccount, aReader, openSite, type Site, type SiteOptions } from './site.ts'

let site: Site
const open = async (options: SiteOptions = {}): Promise<Site> => {
  site = await openSite({ accounts: [cabinet], ...options })
  return site
}
afterEach(() => site?.close())

const cabinet = anAccount({ use: 'cabinet', branchId: 'pjl', location: 'PJL', tellsHolder: true })
const desk = anAccount({ id: 'desk', user: 'desk', use: 'sorter' })
const at = (local: string): number => Temporal.Instant.from(`${local}+08:00`).epochMilliseconds
const tomorrow = at('2026-12-01T00:00:00')
const told = () => site.world.told.map(({ line, what }) => `${what} ${line}`)
const idle = { done: 0, refused: 0, idle: 0 }

/** A book of the reader's order that lies in the cabinet, lent since it was packed. */
const inside = (lineId: string, barcode: string, more: Parameters<typeof aLine>[0] = {}) =>
  aLine({
    lineId,
    barcode,
    title: `书 ${barcode}`,
    delivery: { way: 'branch', branchId: 'pjl' },
    deskId: 'pjl',
    charged: true,
    ...more,
  })
const packed = (lineId: string, barcode: string, more = {}) =>
  inside(lineId, barcode, { status: 'packed', deskId: null, ...more })

/** What is known to go wrong with cabinets that are clients of a library system. */
describe('a cabinet of another make, as a client of ours', () => {
  it('that checks in everything in a compartment once more when a book is added lets every book be lent afterwards', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(inside('l1', 'B1001'), inside('l2', 'B2001'), packed('l3', 'B3001'))
    const kiosk = await site.ready()
    for (const barcode of ['B3001', 'B1001', 'B2001', 'B3001', 'B1001']) {
      if (barcode === 'B1001' && site.world.told.length > 0) site.world.lines[2] = inside('l3', 'B3001')
      const load = await kiosk.say('09', { AB: barcode, AP: 'PJL' })
      expect([load.fixed.ok, load.get('CV'), load.get('CY')]).toEqual(['1', '01', 'R0001'])
    }
    expect(told()).toEqual(['at-branch l3'])
    expect(site.sandbox.state.counts().checkin).toEqual(idle)
    for (const barcode of ['B1001', 'B2001', 'B3001'])
      expect((await kiosk.say('11', { AA: 'R0001', AB: barcode, AD: '1234' })).fixed.ok).toBe('1')
    expect(told().slice(1)).toEqual(['collected l1', 'collected l2', 'collected l3'])
  })

  it('does the same with messages that it had stored, and nothing is discharged by them', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(inside('l1', 'B1001'), inside('l2', 'B2001', { status: 'expired' }))
    const kiosk = await site.ready()
    for (const AB of ['B1001', 'B2001'])
      expect((await kiosk.say('09', { AB, AP: 'PJL' }, { noBlock: 'Y' })).fixed.ok).toBe('1')
    expect(told()).toEqual([])
    expect(site.sandbox.state.counts().checkin).toEqual(idle)
  })

  it('keeps no compartment shut because of what nobody fetched: it is not counted, the others are lent', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(inside('l1', 'B1001', { status: 'expired' }), inside('l2', 'B2001'))
    const kiosk = await site.ready()
    const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' }, { summary: 'Y         ' })
    expect([reader.fixed.holdCount, reader.all('AS')]).toEqual(['0001', ['B2001']])
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B2001', AD: '1234' })).fixed.ok).toBe('1')
  })

  it('lends one book of several: the other stays, is listed again, and may be given up', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(inside('l1', 'B1001'), inside('l2', 'B2001'))
    const kiosk = await site.ready()
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '1234' })).fixed.ok).toBe('1')
    expect(told()).toEqual(['collected l1'])
    site.world.lines.shift()
    const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' }, { summary: 'Y         ' })
    expect(reader.all('AS')).toEqual(['B2001'])
    expect((await kiosk.say('15', { AA: 'R0001', AB: 'B2001' }, { mode: '-' })).fixed.ok).toBe('1')
    expect(told().at(-1)).toBe('cancel-requested l2')
  })

  it('stops nobody before a closed library whose book is lent already; whom it must stop it tells why', async () => {
    await open()
    aReader(site.world, 'R0001', { frozenUntil: tomorrow })
    site.world.lines.push(inside('l1', 'B1001'), inside('l2', 'B2001', { charged: false }))
    const kiosk = await site.ready()
    const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' }, { summary: 'Y         ' })
    expect(reader.fixed.patronStatus?.startsWith('Y')).toBe(true)
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '1234' })).fixed.ok).toBe('1')
    const refused = await kiosk.say('11', { AA: 'R0001', AB: 'B2001', AD: '1234' })
    expect(refused.fixed.ok).toBe('0')
    expect(refused.get('AF')).not.toBe('')
    expect(told()).toEqual(['collected l1'])
  })

  it('gives nothing out for a wrong PIN, nor to another reader', async () => {
    await open()
    aReader(site.world, 'R0001')
    aReader(site.world, 'R0002', { patronId: 'p2' })
    site.world.lines.push(inside('l1', 'B1001'))
    const kiosk = await site.ready()
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '9999' })).fixed.ok).toBe('0')
    expect((await kiosk.say('11', { AA: 'R0002', AB: 'B1001', AD: '1234' })).fixed.ok).toBe('0')
    expect(told()).toEqual([])
  })

  it('is what says that a book is ready: a check-in at the branch before tells nobody, and no second one after', async () => {
    await open({ accounts: [cabinet, desk] })
    aReader(site.world, 'R0001')
    site.world.lines.push(packed('l1', 'B1001'))
    const sorter = await site.ready({}, 'desk')
    const sorted = await sorter.say('09', { AB: 'B1001', AP: 'GSQ' })
    expect([sorted.get('CV'), sorted.get('CT')]).toEqual(['02', 'PJL'])
    expect(told()).toEqual([])
    const kiosk = await site.ready()
    await kiosk.say('09', { AB: 'B1001', AP: 'PJL' })
    expect(told()).toEqual(['at-branch l1'])
    site.world.lines[0] = inside('l1', 'B1001')
    await kiosk.say('09', { AB: 'B1001', AP: 'PJL' })
    expect(told()).toEqual(['at-branch l1'])
  })

  for (const [holdCount, count] of [
    ['waiting', '0001'],
    ['all', '0002'],
  ] as const)
    for (const lists of ['barcode', 'title'] as const)
      it(`is told of holds as it counts (${holdCount}) and by what it knows them (${lists})`, async () => {
        await open({ accounts: [{ ...cabinet, holdCount, lists }] })
        aReader(site.world, 'R0001')
        site.world.lines.push(inside('l1', 'B1001'), packed('l2', 'B2001'))
        const kiosk = await site.ready()
        const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' }, { summary: 'Y         ' })
        const known = (barcode: string) => (lists === 'barcode' ? barcode : `书 ${barcode}`)
        expect(reader.fixed.holdCount).toBe(count)
        expect(reader.all('AS')).toEqual(
          holdCount === 'waiting' ? [known('B1001')] : [known('B1001'), known('B2001')],
        )
        const later = await kiosk.say('63', { AA: 'R0001', AD: '1234' }, { summary: '     Y    ' })
        expect([later.fixed.unavailableHoldCount, later.all('CD')]).toEqual(['0001', [known('B2001')]])
      })

  it('is told whose each book of ours is, though the library system may not tell', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(packed('l1', 'B1001'))
    const kiosk = await site.ready()
    const load = await kiosk.say('09', { AB: 'B1001', AP: 'PJL' })
    expect([load.get('CY'), load.get('DA'), load.get('AJ')]).toEqual(['R0001', '顾小满', '书 B1001'])
    expect(site.sandbox.state.counts().checkin).toEqual(idle)
  })

  it('loads by its own place where it names none', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(packed('l1', 'B1001'))
    const kiosk = await site.ready()
    const load = await kiosk.say('09', { AB: 'B1001' })
    expect([load.get('CV'), load.get('CT')]).toEqual(['01', 'PJL'])
    expect(told()).toEqual(['at-branch l1'])
  })

  it('is told where what it must not load belongs: another place of ours, or a neighbour', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(
      packed('l1', 'B1001', { delivery: { way: 'branch', branchId: 'gsq' } }),
      aLine({
        lineId: 'l2',
        barcode: 'W0001',
        supplierId: 'wj',
        branchId: 'wj',
        status: 'on_loan',
        charged: true,
      }),
    )
    const kiosk = await site.ready()
    const other = await kiosk.say('09', { AB: 'B1001', AP: 'PJL' })
    expect([other.fixed.alert, other.get('CV'), other.get('CT')]).toEqual(['Y', '02', 'GSQ'])
    const home = await kiosk.say('09', { AB: 'W0001', AP: 'PJL' })
    expect([home.fixed.alert, home.get('CV'), home.get('CT')]).toEqual(['Y', '04', 'WJ1'])
    expect(told()).toEqual(['received l2'])
  })

  it('finds what is to be unloaded by 18: on the hold shelf, with its day and its place', async () => {
    await open()
    const collectUntil = at('2026-11-20T18:00:00')
    site.world.lines.push(inside('l1', 'B1001', { status: 'expired', collectUntil }))
    const kiosk = await site.ready()
    const item = await kiosk.say('17', { AB: 'B1001' })
    expect([item.fixed.circulationStatus, item.get('AP')]).toEqual(['08', 'PJL'])
    expect(item.get('CM')).toMatch(/^20261120 {4}\d{6}$|^20261120.{4}\d{6}$/)
    const unload = await kiosk.say('09', { AB: 'B1001', AP: 'PJL' })
    expect([unload.get('CV'), told()]).toEqual(['99', []])
  })

  it('takes a return in and is told where it goes next', async () => {
    await open()
    await site.ils.checkout({
      key: 'k',
      repeated: false,
      card: 'R0001',
      barcode: 'B1001',
      at: site.clock.now(),
    })
    const kiosk = await site.ready()
    const item = await kiosk.say('17', { AB: 'B1001' })
    expect(item.fixed.circulationStatus).toBe('04')
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'PJL' })).fixed.ok).toBe('1')
    expect(site.sandbox.state.counts().checkin.done).toBe(1)
  })
})

const vectors = new URL('../../../../shared/vectors/lockers.json', import.meta.url)
const found = existsSync(vectors)
if (!found) console.log('no reference messages of lockers here: left out')

describe.skipIf(!found)('the messages of lockers that are known', () => {
  it('are all understood, and answered by their counterparts', async () => {
    const all = JSON.parse(found ? readFileSync(vectors, 'utf8') : '{"sip2":[]}') as {
      readonly sip2: readonly { readonly name: string; readonly hex: string }[]
    }
    await open({ accounts: [{ ...cabinet, id: 'locker01', user: 'locker01', password: 'secret' }] })
    const kiosk = await site.kiosk()
    const replies: Record<string, string> = {
      '93': '94',
      '99': '98',
      '63': '64',
      '09': '10',
      '11': '12',
      '17': '18',
      '29': '30',
      '35': '36',
      '15': '16',
    }
    const asked: string[] = []
    for (const { hex } of all.sip2) {
      const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
      const command = bytes.subarray(0, 2).toString('latin1')
      if (replies[command] === undefined) continue
      kiosk.throw(bytes)
      expect([command, (await kiosk.hear())?.command]).toEqual([command, replies[command]])
      asked.push(command)
    }
    expect(asked.length).toBeGreaterThanOrEqual(6)
  })
})
