import { describe, expect, it } from 'vitest'
import { setupLines } from '../../../src/gateway/lockers/setup-lines.ts'
import { privateNetworks } from '../../../src/kernel/networks.ts'
import { boardMakes } from '../../../src/main/vendors.ts'

const boards = [{ address: 1, channels: 8 }]
const line = (id: string, address: object) => ({
  id,
  driver: 'xor-8a',
  address: address as Readonly<Record<string, unknown>>,
  boards,
  more: {},
})

/** A line of the settings by its address, one by its name, one that is dialled by its converter. */
const chooser = (names: Readonly<Record<string, readonly string[]>> = {}) => {
  const asked: string[] = []
  return {
    asked,
    ...setupLines({
      makes: boardMakes(),
      lines: [
        line('theirs', { dial: { host: '10.0.0.5', port: 4001 } }),
        line('named', { dial: { host: 'serial-two', port: 4001 } }),
        line('six', { dial: { host: 'fc00::5', port: 4001 } }),
        line('calls', { listen: { host: '0.0.0.0', port: 5001 } }),
      ],
      networks: privateNetworks,
      lookup: async host => {
        asked.push(host)
        return names[host] ?? []
      },
    }),
  }
}
const dial = (host: string, port = 4001) => ({
  driver: 'xor-8a',
  address: { dial: { host, port } },
  more: {},
  everyBoard: {},
})
const names = { 'serial-two': ['10.0.0.6'], other: ['10.0.0.6'], mapped: ['::ffff:10.0.0.5'] }

describe('a line that a person names on the page', () => {
  it.each([
    ['10.0.0.5', 'theirs'],
    ['::ffff:10.0.0.5', 'theirs'],
    ['::FFFF:a00:5', 'theirs'],
    ['0:0:0:0:0:ffff:10.0.0.5', 'theirs'],
    ['mapped', 'theirs'],
    ['10.0.0.6', 'named'],
    ['other', 'named'],
    ['FC00:0:0::5', 'six'],
  ])(
    '%s is the line of the settings that leads to the same serial server, however it is written',
    async (host, id) => {
      const found = await chooser(names).named(dial(host))
      expect(found).toMatchObject({ ok: true, value: { id } })
    },
  )

  it('is looked up once: what was compared and allowed is what is dialled', async () => {
    const { named, asked } = chooser({ fresh: ['10.0.0.8'] })
    const found = await named(dial('fresh', 4002))
    expect(found).toMatchObject({ value: { settings: { address: { dial: { host: '10.0.0.8' } } } } })
    expect(asked.filter(host => host === 'fresh')).toHaveLength(1)
  })

  it('is dialled by the plain form of its address where it is new', async () => {
    const found = await chooser(names).named(dial('::ffff:a00:7'))
    expect(found).toMatchObject({
      ok: true,
      value: {
        id: undefined,
        settings: { address: { dial: { host: '10.0.0.7', port: 4001 } } },
      },
    })
  })

  it.each(['8.8.8.8', '::ffff:8.8.8.8', '127.0.0.1', '::1', '::ffff:7f00:1', '169.254.169.254', 'fe80::1'])(
    'is refused at %s, which is in no network that is allowed',
    async host => {
      const found = await chooser(names).named(dial(host, 80))
      expect(found).toMatchObject({ ok: false, problem: { code: 'locker-host-not-allowed' } })
    },
  )

  it('is refused where one of the addresses of its name is elsewhere', async () => {
    const found = await chooser({ both: ['10.0.0.9', '127.0.0.1'] }).named(dial('both'))
    expect(found).toMatchObject({ ok: false, problem: { code: 'locker-host-not-allowed' } })
  })

  it('is the line that listens on the same port', async () => {
    const listen = { host: '0.0.0.0', port: 5001, from: '10.0.0.77' }
    const found = await chooser().named({ ...dial(''), address: { listen } })
    expect(found).toMatchObject({ ok: true, value: { id: 'calls' } })
  })
})
