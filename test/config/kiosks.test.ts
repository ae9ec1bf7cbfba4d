import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../src/config/load.ts'

const drivers = { ils: { manual: z.strictObject({}) }, lockerBus: {}, courier: {}, credit: {} }
const secrets = {
  env: (name: string) => ({ KIOSK: 'open sesame' })[name],
  file: (path: string) => (path === 'kiosk.pem' ? '-----BEGIN CERTIFICATE-----' : ''),
}
const load = (accounts: string, more = '') =>
  loadConfig(
    `libraries:
  - id: town
    name: {zh: 镇图书馆, en: Town}
    phone: 0512-1234567
    divisionCode: '320508'
    region: {province: 江苏省, city: 苏州市, district: 姑苏区}
    hours: {weekly: {mon-sun: '09:00-21:00'}}
    ils: {driver: manual}
    branches:
      - {id: main, name: {zh: 总馆, en: Main}, address: 街 1 号, locations: [A1]}
kiosks:
  accounts: [${accounts}]
${more}`,
    secrets,
    drivers,
  )
const faults = (accounts: string, more?: string): string[] => {
  const loaded = load(accounts, more)
  return loaded.ok ? [] : loaded.faults.map(f => `${f.path} ${f.message}`)
}
const hall = `{id: hall, user: hall, password: '\${KIOSK}', library: town, branch: main}`

describe('settings of kiosks', () => {
  it('listen on this machine only unless told otherwise, and take secrets from outside', () => {
    const loaded = load(hall)
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults))
    const { listeners, accounts, limits } = loaded.config.kiosks!
    expect(listeners).toEqual([{ host: '127.0.0.1', port: 6001 }])
    expect(accounts[0]).toMatchObject({
      password: 'open sesame',
      use: 'kiosk',
      profile: { encoding: 'utf-8', errorDetection: 'auto', holdCount: 'waiting' },
      offline: { checkins: true, checkouts: false },
    })
    expect(limits).toMatchObject({ loginSeconds: 10, idleMinutes: 0 })
  })

  it('take a derived password only with a cost that can be worked', () => {
    const [salt, hash] = ['c2FsdHNhbHQ', 'A'.repeat(43)]
    const of = (cost: string) =>
      faults(`{id: a, user: a, password: 'scrypt$${cost}$${salt}$${hash}', library: town, branch: main}`)
    expect(of('16384$8$1')).toEqual([])
    for (const cost of ['16383$8$1', '1$8$1', '16384$0$1', '16384$8$0', '1048576$8$1'])
      expect(of(cost).join()).toContain('shuqiao key kiosk')
  })

  it.each([
    [
      'a library that is not there',
      '{id: a, user: a, password: b, library: city, branch: main}',
      'there is no library "city"',
    ],
    [
      'a branch of another library',
      '{id: a, user: a, password: b, library: town, branch: east}',
      'there is no branch of this library "east"',
    ],
    [
      'two of one name',
      `${hall}, {id: b, user: hall, password: x, library: town, branch: main}`,
      'another kiosk user is already "hall"',
    ],
    [
      'neither password nor address',
      '{id: a, library: town, branch: main}',
      'needs user and password, or addresses',
    ],
    [
      'a user without a password',
      '{id: a, user: a, library: town, branch: main}',
      'needs user and password, or neither',
    ],
    [
      'a network that is none',
      '{id: a, library: town, branch: main, addresses: [10.0.0.0/40]}',
      'must be an address or a network',
    ],
    [
      'half a hash',
      "{id: a, user: a, password: 'scrypt$1$2', library: town, branch: main}",
      'shuqiao key kiosk',
    ],
  ])('name %s', (_, accounts, message) => {
    expect(faults(accounts).join()).toContain(message)
  })

  it('do not cut lines for a silence of less than ten minutes', () => {
    expect(faults(hall, '  limits: {idleMinutes: 5}\n').join()).toContain('must be 0 (never) or at least 10')
  })
})
