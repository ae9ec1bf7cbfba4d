import { describe, expect, it } from 'vitest'
import { type Counted, createLinks } from '../../../src/gateway/ils-queue/links.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { can } from '../../../src/kernel/power.ts'
import { no, refused } from '../../../src/kernel/problem.ts'
import { ModelIls } from '../orders/model-ils.ts'

const begin = () => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const told: Counted[] = []
  const links = createLinks(clock, one => told.push(one))
  const model = new ModelIls('ils:suzhou', clock)
  model.addPatron('R1')
  model.addItem('B1', '书')
  const ils = links.observe('suzhou', model)
  return { clock, told, links, model, ils }
}

describe('what is asked of a library system', () => {
  it('is answered as before, and counted by command and ending', async () => {
    const { told, ils, links } = begin()
    expect((await ils.item('B1')).ok).toBe(true)
    expect((await ils.checkout({ key: 'k', repeated: false, card: 'R9', barcode: 'B1', at: 0 })).ok).toBe(
      false,
    )
    expect(told.map(({ command, ending }) => `${command} ${ending}`)).toEqual(['item ok', 'checkout refused'])
    expect(links.numbers('suzhou').endings).toEqual({ ok: 1, refused: 1 })
    expect(ils.name).toBe('ils:suzhou')
    expect(can(ils, 'payFee')).toBe(false)
  })

  it('has its refusals kept with what they were about, without the card', async () => {
    const { ils, links, model } = begin()
    model.checkout = async () =>
      no(refused('checkout-refused', { zh: '不', en: 'no' }, { their: { text: '证 R1 停用' } }))
    await ils.checkout({ key: 'o1/l1/ils.checkout/2', repeated: false, card: 'R1', barcode: 'B1', at: 0 })
    const [refusal] = links.numbers('suzhou').refusals
    expect(refusal).toMatchObject({ command: 'checkout', key: 'o1/l1/ils.checkout/2', barcode: 'B1' })
    expect(refusal?.problem.their?.text).toBe('证 *** 停用')
    expect(JSON.stringify(links.numbers('suzhou'))).not.toContain('R1')
  })

  it('has a rate over the last minutes and times of the last requests', async () => {
    const { clock, ils, links, model } = begin()
    model.luck = () => 'fine'
    for (let i = 0; i < 10; i++) {
      await ils.item('B1')
      await clock.advance(60_000)
    }
    expect(links.numbers('suzhou')).toMatchObject({ perMinute: 0.8, latency: { median: 0, p95: 0 } })
    await clock.advance(3_600_000)
    expect(links.numbers('suzhou')).toMatchObject({ perMinute: 0, endings: {} })
  })

  it('keeps the last words of its own line, and few of them', () => {
    const { links } = begin()
    for (let i = 0; i < 30; i++) {
      links.hear({ at: i, peer: 'ils:suzhou', direction: '>', text: `17 ${i}` })
      links.hear({ at: i, peer: 'ils:other', direction: '>', text: 'x' })
    }
    const { lastWords } = links.numbers('suzhou')
    expect(lastWords).toHaveLength(12)
    expect(lastWords.at(-1)?.text).toBe('17 29')
  })

  it('names a machine’s own message by its two digits only', async () => {
    const { told, links, clock } = begin()
    const relaying = Object.assign(new ModelIls('ils:hefei', clock), {
      relay: async () => ({ ok: true as const, value: 'x' }),
    })
    const ils = links.observe('hefei', relaying)
    if (!can(ils, 'relay')) throw new Error('the power is lost')
    const relay = ils.relay as unknown as (message: unknown, how: unknown) => Promise<unknown>
    await relay({ command: '11' }, { key: 'k' })
    await relay({ command: 'evil{label}' }, { key: 'k' })
    expect(told.map(({ command }) => command)).toEqual(['relay-11', 'relay-other'])
  })

  it('counts a no that a machine was given, and keeps it without the person', async () => {
    const { told, links, clock } = begin()
    const answer = {
      command: '12',
      fixed: { ok: '0' },
      fields: [
        ['AA', 'R1'],
        ['AE', '沈億東'],
        ['AF', '读者沈億東（R1）有超期图书'],
      ],
    }
    const relaying = Object.assign(new ModelIls('ils:hefei', clock), {
      relay: async () => ({ ok: true as const, value: answer }),
    })
    const ils = links.observe('hefei', relaying) as unknown as { relay: (m: unknown, h: unknown) => unknown }
    const fields = [
      ['AA', 'R1'],
      ['AB', 'B1'],
    ]
    expect(await ils.relay({ command: '11', fixed: {}, fields }, { key: 'k' })).toEqual({
      ok: true,
      value: answer,
    })
    expect(told[0]).toMatchObject({ command: 'relay-11', ending: 'refused' })
    expect(links.numbers('hefei').refusals).toMatchObject([
      {
        command: 'relay-11',
        key: 'kiosk:',
        barcode: 'B1',
        problem: { code: 'checkout-refused', their: { text: '读者***（***）有超期图书' } },
      },
    ])
  })
})
