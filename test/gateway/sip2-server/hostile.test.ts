import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { SandboxKiosk } from '../../../src/sandbox/kiosk/kiosk.ts'
import { connectKiosk } from '../../../src/sandbox/kiosk/kiosk.ts'
import { authority } from '../../harness/certificates.ts'
import { until } from '../../harness/until.ts'
import { openSite, type Site, type SiteOptions } from './site.ts'

let site: Site
const open = async (options: SiteOptions = {}): Promise<Site> => {
  site = await openSite(options)
  return site
}
afterEach(() => site?.close())

const errors = () => site.server.stats().accounts[0]!.errors
/** The good machine is served as if nobody else were there. */
const stillServed = async (kiosk: SandboxKiosk): Promise<void> => {
  expect((await kiosk.say('17', { AB: 'B1001' })).get('AJ')).toBe('園林東西：億年之質')
}

describe('beside slow and hostile machines a good one is served', () => {
  it('when one never ends its message', async () => {
    await open()
    const [good, slow] = [await site.ready(), await site.ready()]
    slow.throw('17')
    for (let i = 0; i < 35; i++) {
      slow.throw('2')
      await stillServed(good)
      await site.clock.advance(1000)
    }
    await slow.cut
    expect(errors()).toMatchObject({ 'too-slow': 1 })
    await stillServed(good)
  })

  it('when one sends without end', async () => {
    await open()
    const [good, flooding] = [await site.ready(), await site.ready()]
    flooding.throw('1'.repeat(17 * 1024))
    await flooding.cut
    expect(errors()).toMatchObject({ 'too-long': 1 })
    await stillServed(good)
  })

  it('when one sends a thousand requests at once', async () => {
    await open()
    const [good, flooding] = [await site.ready(), await site.ready()]
    flooding.throw(
      Buffer.concat(Array.from({ length: 1000 }, (_, i) => flooding.write('17', { AB: `B${i}` }))),
    )
    await flooding.cut
    expect(errors()).toMatchObject({ flood: 1 })
    await stillServed(good)
  })

  it('when one sends more than its rate: it waits, nobody else does', async () => {
    await open({ limits: { requestsPerSecond: 2 } })
    const [good, greedy] = [await site.ready(), await site.ready()]
    for (let i = 0; i < 6; i++) greedy.throw(greedy.write('99'))
    await until(() => greedy.unheard === 3)
    await stillServed(good)
    expect(greedy.unheard).toBe(3)
    await site.clock.advance(2000)
    await until(() => greedy.unheard === 6)
  })

  it('when one never takes its answers in', async () => {
    await open({ limits: { requestsPerSecond: 1_000_000_000 } })
    const [good, deaf] = [await site.ready(), await site.ready({ checksum: false })]
    deaf.deafen()
    const served = () => site.server.stats().accounts[0]!.requests['99'] ?? 0
    const some = Buffer.concat(Array.from({ length: 40 }, () => deaf.write('99')))
    // Until the line is full: then nothing more is read of it.
    for (let stuck = false; !stuck; ) {
      const wanted = served() + 40
      deaf.throw(some)
      stuck = await until(() => served() >= wanted, 100_000).then(
        () => false,
        () => true,
      )
    }
    await stillServed(good)
    await site.clock.advance(30_000)
    await until(() => site.server.stats().connections === 1)
    expect(errors()).toMatchObject({ 'never-reads': 1 })
    await stillServed(good)
  })

  it('when many connect and say nothing', async () => {
    await open({ limits: { connectionsPerAddress: 20 } })
    const good = await site.ready()
    const silent = await Promise.all(Array.from({ length: 40 }, () => site.kiosk()))
    await until(() => silent.filter(one => one.isCut).length === 21)
    await stillServed(good)
    await site.clock.advance(10_000)
    await Promise.all(silent.map(one => one.cut))
    expect(site.server.stats()).toMatchObject({ connections: 1, turnedAway: { 'too-many-of-address': 21 } })
  })

  it('when one resets in the middle of everything', async () => {
    await open()
    const good = await site.ready()
    for (let i = 0; i < 20; i++) {
      const socket = connect(site.port, '127.0.0.1')
      await new Promise<void>(resolve => socket.once('connect', () => resolve()))
      socket.on('error', () => {})
      socket.write('9300CNhall|COopen sesame|\r17')
      if (i % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    }
    await stillServed(good)
    await until(() => site.server.stats().connections === 1)
  })

  it('when one fires requests at a library system that is silent', async () => {
    await open({ limits: { answerTime: 6000 } })
    const [good, other] = [await site.ready(), await site.ready()]
    site.sandbox.faults.set({ on: '17', fault: { kind: 'silence', act: 'not-done' } })
    const waiting = other.say('17', { AB: 'B2001' })
    await stillServed(good)
    await site.clock.advance(5000)
    expect((await waiting).command).toBe('18')
  })

  it('keeps values of one message from becoming another', async () => {
    await open()
    const kiosk = await site.ready({ checksum: false })
    kiosk.throw('1720261015    093000AO|ABB1001\x00\x0b|AC|\r')
    kiosk.throw('1720261015    093000AO|ABB10\u000801|AC|\r')
    const answer = await kiosk.hear()
    expect(answer!.command).toBe('18')
    expect(Buffer.from(answer!.bytes).includes(8)).toBe(false)
  })
})

describe('over TLS', () => {
  it('serves machines that trust our certificate, and those with one of their own where that is asked for', async () => {
    const ours = authority('Test CA')
    const { cert, key } = ours.issue('server', { names: ['localhost'] })
    const host = '127.0.0.1'
    await open({
      listeners: [
        { host, port: 0, tls: { cert, key } },
        { host, port: 0, tls: { cert, key, clientCa: ours.cert } },
      ],
    })
    const [open1, strict] = site.server.addresses
    const trusting = { ca: ours.cert, servername: 'localhost' }
    const kiosk = await connectKiosk({ port: open1!.port, clock: site.clock, tls: trusting })
    expect(await kiosk.login('hall', 'open sesame')).toBe(true)
    await stillServed(kiosk)
    expect(site.server.stats().accounts[0]!.connections).toMatchObject([{ tls: true }])
    await expect(
      connectKiosk({ port: open1!.port, clock: site.clock, tls: { servername: 'localhost' } }),
    ).rejects.toThrow()
    const own = ours.issue('kiosk')
    const known = await connectKiosk({ port: strict!.port, clock: site.clock, tls: { ...trusting, ...own } })
    expect(await known.login('hall', 'open sesame')).toBe(true)
    const unknown = await connectKiosk({ port: strict!.port, clock: site.clock, tls: trusting })
    unknown.throw('9900802.00\r')
    await unknown.cut
    expect(unknown.unheard).toBe(0)
  })
})

describe('at the end', () => {
  it('an answer under way goes out, then all lines are cut', async () => {
    await open()
    const [busy, idle] = [await site.ready(), await site.ready()]
    const asked = busy.say('17', { AB: 'B1001' })
    await until(() => (site.server.stats().accounts[0]!.requests['17'] ?? 0) === 1)
    const closed = site.server.close()
    expect((await asked).command).toBe('18')
    await Promise.all([closed, busy.cut, idle.cut])
    await expect(site.kiosk()).rejects.toThrow()
  })
})
