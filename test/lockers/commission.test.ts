import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { agrees, toldOpen, wirings } from '../../src/lockers/commission/polarity.ts'
import { compartmentsText, settingsText } from '../../src/lockers/commission/settings-text.ts'
import type { DoorReading } from '../../src/lockers/locker.ts'
import { driverSchemas } from '../../src/main/vendors.ts'

const reading = (open: string): DoorReading[] =>
  [...open].map((door, at) => ({ board: 1, channel: at + 1, door: door === 'o' ? 'open' : 'closed' }))
const third = { board: 1, channel: 3 }

describe('what the readings say of the wiring', () => {
  it('agree only when exactly the opened door went from shut to open', () => {
    expect(agrees(reading('cccc'), reading('ccoc'), third)).toBe(true)
    expect(agrees(reading('cccc'), reading('cocc'), third)).toBe(false)
    expect(agrees(reading('cccc'), reading('cooc'), third)).toBe(false)
    expect(agrees(reading('oooo'), reading('ooco'), third)).toBe(false)
    expect(agrees(reading('cccc'), reading('cccc'), third)).toBe(false)
  })

  it('are not disturbed by channels without a lock, which tell open all the time', () => {
    expect(agrees(reading('ccco'), reading('ccoo'), third)).toBe(true)
    expect(toldOpen(reading('ccco'))).toEqual([{ board: 1, channel: 4 }])
  })

  it('may have any combination of switches, the usual one first', () => {
    const all = wirings([
      { key: 'a', values: ['x', 'y'] },
      { key: 'b', values: ['p', 'q'] },
    ])
    expect(all).toEqual([
      { a: 'x', b: 'p' },
      { a: 'y', b: 'p' },
      { a: 'x', b: 'q' },
      { a: 'y', b: 'q' },
    ])
  })
})

describe('the settings that are written', () => {
  const door = { label: 'A01', size: 'small', row: 1, column: 1, board: 1, channel: 1 } as const
  const line = {
    bus: 'new-line',
    driver: 'xor-8a',
    address: { dial: { host: '192.0.2.7', port: 20108 } },
    boards: [{ address: 1, channels: 24, shortedWhen: 'open', bitOneMeans: 'closed' }],
    locker: 'new-locker',
  }

  it('are what the driver takes', () => {
    const { lockerBuses } = parse(settingsText({ ...line, doors: [door] }, ['head']))
    const { id, driver, ...settings } = lockerBuses[0]
    expect([id, driver]).toEqual(['new-line', 'xor-8a'])
    expect(driverSchemas.lockerBus['xor-8a']?.safeParse(settings).success).toBe(true)
  })

  it('give every door an id of its own, whatever its label', () => {
    const doors = ['A01', '三', '三号', 'a 01', 'A-01'].map((label, at) => ({
      ...door,
      label,
      channel: at + 1,
    }))
    const { lockers } = parse(settingsText({ ...line, doors }, []))
    const ids: string[] = lockers[0].compartments.map((one: { id: string }) => one.id)
    expect(new Set(ids).size).toBe(5)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9-]{1,32}$/)
    expect(lockers[0].compartments.map((one: { label?: string }) => one.label)).toEqual(
      doors.map(({ label }) => label),
    )
  })

  it('leave ids, boards and channels of a drawing as they are', () => {
    const text = compartmentsText('g', 'b', [{ ...door, id: 'door-1', accessible: false }])
    expect(parse(text).lockers[0].compartments).toEqual([{ id: 'door-1', ...door, accessible: false }])
  })
})
