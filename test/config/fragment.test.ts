import { describe, expect, it } from 'vitest'
import { checkLockerText } from '../../src/config/fragment.ts'
import { loadConfig } from '../../src/config/load.ts'
import { settingsText } from '../../src/lockers/commission/settings-text.ts'
import { driverSchemas } from '../../src/main/vendors.ts'

const file = `
libraries:
  - id: su
    name: { zh: 苏, en: Su }
    phone: 0512-1
    divisionCode: '320508'
    region: { province: 江苏省, city: 苏州市, district: 姑苏区 }
    hours: { weekly: { mon-sun: 09:00-21:00 } }
    ils: { driver: manual }
    branches: [{ id: main, name: { zh: 总馆, en: Main }, address: 人民路 }]
    lockers:
      - id: old
        name: { zh: 旧柜, en: Old }
        place: 门口
        bus: a
        compartments: [{ id: d1, size: small, row: 1, column: 1, board: 1, channel: 1 }]
lockerBuses:
  - { id: a, driver: wkly, address: { dial: { host: 192.0.2.1, port: 4001 } }, boards: [{ address: 0, channels: 12 }] }
`
const loaded = loadConfig(file, { env: () => undefined, file: () => '' }, driverSchemas)
if (!loaded.ok) throw new Error(loaded.faults.map(one => `${one.path}: ${one.message}`).join('\n'))
const check = (text: string) =>
  checkLockerText(text, loaded.config, 'su', driverSchemas).map(one => `${one.path}: ${one.message}`)

const line = {
  bus: 'b',
  driver: 'xor-8a',
  address: { dial: { host: '192.0.2.7', port: 20108 } },
  boards: [{ address: 1, channels: 24, shortedWhen: 'open', bitOneMeans: 'closed' }],
  locker: 'new',
  about: { name: { zh: '新柜', en: 'New' }, place: '大厅' },
  doors: [{ label: 'A1', size: 'small', row: 1, column: 1, board: 1, channel: 1 }],
} as const

describe('the check of settings that commissioning writes', () => {
  it('finds nothing in what is written for a new line and cabinet', () => {
    expect(check(settingsText(line, ['head']))).toEqual([])
  })

  it('takes the compartments alone of a locker that is there, and the whole of one that is not', () => {
    const compartments = [
      { ...line.doors[0], id: 'd1', locker: 'old', accessible: true, board: 0, channel: 3 },
    ]
    const known = [{ locker: 'old', compartments }]
    const bus = { bus: 'a', driver: 'wkly', boards: [{ address: 0, channels: 12 }], address: line.address }
    expect(check(settingsText({ ...line, ...bus, known, doors: [] }, []))).toEqual([])
    const bare = 'lockerBuses: []\nlockers: [{ id: nowhere, bus: a, compartments: [] }]'
    expect(check(bare).join('\n')).toContain('lockers.0.name')
  })

  it('tells a converter that another line has, an id taken twice, and what the make does not know', () => {
    const same = { ...line, address: { dial: { host: '192.0.2.1', port: 4001 } } }
    expect(check(settingsText(same, [])).join()).toContain('goes to 192.0.2.1:4001 already')
    const twice = { ...line, doors: [line.doors[0], { ...line.doors[0], label: 'A2' }] }
    expect(check(settingsText(twice, [])).join()).toContain('another door of this bus')
    expect(check(settingsText({ ...line, more: { colour: 'red' } }, [])).join()).toContain('colour')
  })

  it('reads no secret and no file: the text comes from a page', () => {
    const text = settingsText(line, []).replace('192.0.2.7', 'file:/etc/passwd')
    expect(check(text).join()).toContain('cannot be read')
  })
})
