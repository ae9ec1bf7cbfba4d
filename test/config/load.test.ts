import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { always, calendarSpec, hours } from '../../src/config/hours.ts'
import { configJsonSchema, type DriverSchemas, loadConfig } from '../../src/config/load.ts'
import { WorkingTime } from '../../src/kernel/working-time.ts'

const drivers: DriverSchemas = {
  ils: {
    sip2: z.strictObject({ host: z.string(), port: z.int(), password: z.string().optional() }),
    manual: z.strictObject({}),
  },
  lockerBus: { 'xor-board': z.strictObject({ dial: z.strictObject({ host: z.string(), port: z.int() }) }) },
  courier: { sf: z.strictObject({ partnerId: z.string() }) },
  credit: {},
}
const secrets = {
  env: (name: string) => ({ ILS_PASSWORD: 'se: cr#et', ILS_PORT: '6002' })[name],
  file: (path: string) => {
    if (path === '/run/secrets/sf') return 'partner-7\n'
    throw Object.assign(new Error('no'), { code: 'ENOENT' })
  },
}
const load = (text: string) => loadConfig(text, secrets, drivers)
const faults = (text: string): string[] => {
  const loaded = load(text)
  return loaded.ok ? [] : loaded.faults.map(f => `${f.line}:${f.column} ${f.path} ${f.message}`)
}

const good = `libraries:
  - id: sucheng
    name: {zh: 苏城图书馆, en: Sucheng Library}
    phone: 0512-1234567
    divisionCode: '320508'
    region: {province: 江苏省, city: 苏州市, district: 姑苏区}
    hours: {weekly: {mon-fri: '09:00-21:00', sat-sun: '09:00-17:00'}}
    ils: {driver: sip2, host: 127.0.0.1, port: 6001, password: '\${ILS_PASSWORD}'}
    branches:
      - {id: main, name: {zh: 总馆, en: Main}, address: 观前街 1 号, locations: [A1]}
    lockers:
      - id: guanqian
        name: {zh: 观前街柜, en: Guanqian locker}
        place: 观前街 2 号
        bus: a
        compartments:
          - {id: '1', size: small, row: 1, column: 1, board: 1, channel: 1}
          - {id: '2', size: small, row: 2, column: 1, board: 1, channel: 2}
lockerBuses:
  - {id: a, driver: xor-board, dial: {host: 127.0.0.1, port: 6100}}
couriers:
  - {name: sf, driver: sf, partnerId: 'file:/run/secrets/sf'}
`

describe('the settings file', () => {
  it('gives settings with defaults filled in and secrets put in their places', () => {
    const loaded = load(good)
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults))
    const [library] = loaded.config.libraries
    expect(library).toMatchObject({
      timeZone: 'Asia/Shanghai',
      policyPack: 'jincheng',
      ils: { password: 'se: cr#et' },
      policy: { chargeAt: 'pack', pickupDays: 3 },
      branches: [{ shelving: 'open' }],
      lockers: [{ hours: always, compartments: [{ accessible: true }, {}] }],
    })
    expect(loaded.config.couriers[0]).toEqual({ name: 'sf', driver: 'sf', partnerId: 'partner-7' })
  })

  it('takes a number from the environment as a number, unless it stands in quotation marks', () => {
    const portOf = (port: string) => {
      const ils = `ils:\n      driver: sip2\n      host: h\n      port: ${port}`
      const loaded = load(good.replace(/ils: \{.*\}/, () => ils))
      return loaded.ok ? loaded.config.libraries[0]!.ils.port : loaded.faults.map(f => f.message)
    }
    expect(portOf(`\${ILS_PORT}`)).toBe(6002)
    expect(portOf(`'\${ILS_PORT}'`)).toEqual(['Invalid input: expected number, received string'])
  })

  it('is told all its faults at once, each with its line and column', () => {
    const text = good
      .replace('phone: 0512-1234567', 'fax: 1')
      .replace("'320508'", "'32'")
      .replace('port: 6001', 'port: six')
      .replace(`\${ILS_PASSWORD}`, `\${NO_SUCH}`)
      .replace('09:00-17:00', '17:00-09:00')
      .replace('bus: a', 'bus: b')
      .replace("id: '2'", "id: '1'")
      .replace('channel: 2', 'channel: 1')
      .replace('driver: xor-board', 'driver: xor')
      .replace('file:/run/secrets/sf', 'file:/none')
    expect(faults(text)).toEqual([
      '2:5 libraries.0.phone is missing',
      '4:5 libraries.0.fax is not a setting known here',
      '5:19 libraries.0.divisionCode must be the six digits of the administrative division',
      '7:55 libraries.0.hours.weekly.sat-sun hours must be ascending and must not overlap',
      '8:48 libraries.0.ils.port Invalid input: expected number, received string',
      '8:63  not set in the environment: NO_SUCH',
      '15:14 libraries.0.lockers.0.bus there is no locker bus "b"; known: a',
      '18:18 libraries.0.lockers.0.compartments.1.id another compartment of this locker is already "1"',
      '18:74 libraries.0.lockers.0.compartments.1.channel another door of this bus, board and channel is already "b/1/1"',
      '20:21 lockerBuses.0.driver there is no lockerBus driver "xor"; known: xor-board',
      '22:39  the file /none cannot be read: ENOENT',
    ])
  })

  it.each([
    ['', '1:1  Invalid input: expected object, received null'],
    ['- 1', '1:1  Invalid input: expected object, received array'],
    ['libraries: []', '1:1 libraries Too small: expected array to have >=1 items'],
    ['libraries:\n  - x', '2:5 libraries.0 Invalid input: expected object, received string'],
  ])('that reads %j is refused', (text, fault) => {
    expect(faults(text)).toEqual([fault])
  })

  it('that is no YAML is refused with the place of the first broken line', () => {
    expect(faults('libraries: [\n  }\n{')).toEqual([expect.stringMatching(/^2:3 {2}/)])
    expect(faults('a: 1\na: 2')[0]).toMatch(/^2:1 .*unique/)
  })

  it('never shows a secret in a fault', () => {
    const text = good.replace(
      `password: '\${ILS_PASSWORD}'`,
      `password: ['\${ILS_PASSWORD}'], passwort: '\${ILS_PASSWORD}'`,
    )
    expect(faults(text)).toHaveLength(2)
    expect(faults(text).join()).not.toContain('se: cr')
  })

  it('has a JSON Schema that lists the settings of each driver', () => {
    const schema = JSON.stringify(configJsonSchema(drivers))
    expect(schema).toContain('"driver":{"const":"xor-board"}')
    expect(schema).not.toContain('driverKind')
  })
})

describe('opening hours', () => {
  const spec = (text: unknown) =>
    new WorkingTime(calendarSpec('Asia/Shanghai', hours.parse(text), { holidays: 'china', notices: {} }))
  const at = (text: string): number => Temporal.Instant.from(`${text}+08:00`).epochMilliseconds

  it('mean what people wrote, days that go over the end of the week too', () => {
    const time = spec({
      weekly: { 'sat-mon': '10:00-12:00, 13:00-15:00', tue: 'closed', sun: '10:00-11:00' },
    })
    const open = (text: string): boolean => time.isOpen(at(text))
    expect(
      [
        '2026-11-21T14:00',
        '2026-11-22T14:00',
        '2026-11-22T10:30',
        '2026-11-23T12:30',
        '2026-11-24T10:30',
      ].map(open),
    ).toEqual([true, false, true, false, false])
  })

  it('obey public holidays and days of their own', () => {
    const time = spec({ weekly: { 'mon-sun': '09:00-17:00' }, exceptions: { '2026-10-02': '10:00-12:00' } })
    expect(['2026-10-01T11:00', '2026-10-02T11:00'].map(t => time.isOpen(at(t)))).toEqual([false, true])
  })
})
