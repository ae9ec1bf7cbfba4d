import { afterEach, describe, expect, it } from 'vitest'
import type { Sip2SettingsInput } from '../../../../src/adapters/ils/sip2/settings.ts'
import { link, profileSites } from '../../../contracts/sip2.ts'
import { until } from '../../../harness/until.ts'
import { type AcsOptions, but, friendly, item18, type Link, type Script, status98 } from './acs.ts'
import { act, type Rig, rig } from './client.ts'

let open: Rig[] = []
afterEach(async () => {
  for (const each of open) await each.end()
  open = []
})

/** A friendly library system that keeps its lines, so that it can speak unasked. */
const start = async (
  script: Script = friendly,
  settings: Partial<Sip2SettingsInput> = {},
  options: AcsOptions = {},
): Promise<Rig & { links: Map<number, Link> }> => {
  const links = new Map<number, Link>()
  const keeping: Script = (heard, link) => {
    links.set(heard.connection, link)
    script(heard, link)
  }
  const r = await rig(keeping, settings, options)
  open.push(r)
  return { ...r, links }
}
const unasked: { ay: string; az?: string } = { ay: '' }
const mask = (bx: string): string => status98().replace('BXYYYYYYYYYYYYYYYY', `BX${bx}`)
const loan = { ...act, card: 'R1', barcode: 'B1', at: 0 }
/** Sends without being asked, and waits until it has been read on our side. */
const say = async (r: Rig & { links: Map<number, Link> }, line: number, text: string, how = unasked) => {
  const before = r.transcript().split('\n').length
  r.links.get(line)!.answer(text, how)
  await until(() => r.transcript().split('\n').length > before)
}

describe('a 98 that nobody asked for', () => {
  it('changes what is served, on every connection and without breaking one', async () => {
    const r = await start()
    await Promise.all([r.ils.item('B1'), r.ils.item('B2')])
    expect(r.acs.accepted).toBe(2)
    await say(r, 1, mask('YYYYYYYYYYYYYNYY'))
    expect(await r.ils.placeHold(loan)).toMatchObject({ problem: { code: 'ils-not-served' } })
    await say(r, 2, mask('YYYYYYYYYYYYYYYY'))
    expect(await r.ils.placeHold(loan)).toMatchObject({ ok: true })
    expect(r.acs).toMatchObject({ open: 2, accepted: 2 })
  })

  it('brings another AO', async () => {
    const r = await start(friendly, { profile: { sendScStatus: 'never' } })
    await r.ils.item('B1')
    expect(r.acs.lines.at(-1)!.line).toContain('AO|')
    await say(r, 1, status98().replace('AOLIB', 'AONEW'))
    await r.ils.item('B2')
    expect(r.acs.lines.at(-1)!.line).toContain('AONEW|')
  })

  it('that says nobody is there stops the pool at once, and is asked about until somebody is', async () => {
    let online = 'Y'
    const script = but((heard, link) => {
      if (heard.command !== '99') return false
      link.answer(status98('', online))
      return true
    })
    const r = await start(script)
    await Promise.all([r.ils.item('B1'), r.ils.item('B2')])
    online = 'N'
    await say(r, 1, status98('', 'N'))
    expect(r.ils.health().state).toBe('down')
    const asked = r.acs.lines.length
    expect(await r.ils.checkout(loan)).toMatchObject({
      problem: { code: 'ils-offline', retry: 'later' },
    })
    expect(r.acs.lines).toHaveLength(asked)
    await r.clock.advance(2_000)
    await r.acs.heard('99', 3)
    online = 'Y'
    for (let i = 0; i < 40 && r.ils.health().state === 'down'; i++) {
      await r.clock.advance(1_000)
      for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
    }
    expect(await r.ils.checkout(loan)).toMatchObject({ ok: true })
  })

  it('that says somebody is there again opens the pool by itself', async () => {
    const r = await start()
    await r.ils.item('B1')
    await say(r, 1, status98('', 'N'))
    expect((await r.ils.item('B1')).ok).toBe(false)
    await say(r, 1, status98())
    expect((await r.ils.item('B1')).ok).toBe(true)
    expect(r.acs.accepted).toBe(1)
  })

  it('just before the answer to a loan does not make the loan twice', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '11') return false
      link.answer(mask('YYYYYYYYYYYYYNYY'), { ay: String((Number(heard.ay) + 5) % 10) })
      friendly(heard, link)
      return true
    })
    const r = await start(script)
    expect(await r.ils.checkout(loan)).toMatchObject({ ok: true })
    expect(r.acs.lines.filter(({ command }) => command === '11')).toHaveLength(1)
    expect(await r.ils.placeHold(loan)).toMatchObject({ problem: { code: 'ils-not-served' } })
  })

  it('without numbers leaves a loan in doubt rather than make it twice', async () => {
    let lent = 0
    const script = but((heard, link) => {
      if (heard.command === '17') link.answer(item18('B1', lent > 0 ? '04' : '03'))
      if (heard.command === '63' && lent > 0)
        link.answer(
          `64${' '.repeat(14)}01920261122    093000${'0000'.repeat(2)}0001${'0000'.repeat(3)}AOLIB|AAR1|AEX|BLY|AUB1|`,
        )
      if (heard.command === '11') {
        lent++
        link.answer(status98())
        friendly(heard, link)
      }
      return ['11', '17'].includes(heard.command) || (heard.command === '63' && lent > 0)
    })
    const r = await start(script, { profile: { sendChecksum: false } }, { checksums: false })
    expect(await r.ils.checkout(loan)).toMatchObject({ ok: true, value: { foundDone: true } })
    expect(lent).toBe(1)
  })

  it('closes and opens the library system of the sandbox', async () => {
    const { ils, sandbox, close } = await link(profileSites[0]!)
    expect((await ils.item('B1001')).ok).toBe(true)
    await sandbox.faults.close('offline')
    sandbox.announce()
    await until(() => ils.health().state === 'down')
    expect((await ils.item('B1001')).ok).toBe(false)
    await sandbox.faults.close('open')
    sandbox.announce()
    await until(() => ils.health().state !== 'down')
    expect((await ils.item('B1001')).ok).toBe(true)
    expect(sandbox.connections()).toBe(1)
    await close()
  })

  it('with a wrong checksum counts for nothing', async () => {
    const r = await start()
    await r.ils.item('B1')
    await say(r, 1, mask('N'.repeat(16)), { ay: '', az: '0000' })
    expect(await r.ils.placeHold(loan)).toMatchObject({ ok: true })
  })
})
