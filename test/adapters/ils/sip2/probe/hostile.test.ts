import { createServer as createWebServer } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Given, usualGiven } from '../../../../../src/adapters/ils/sip2/probe/given.ts'
import { socketWire } from '../../../../../src/adapters/ils/sip2/probe/socket-wire.ts'
import { type ProbeWire, usualLimits } from '../../../../../src/adapters/ils/sip2/probe/step.ts'
import { type Clock, ManualClock, systemClock } from '../../../../../src/kernel/clock.ts'
import { seededRandom } from '../../../../../src/kernel/ids.ts'
import { examineSip2 } from '../../../../../src/main/sip2-doctor.ts'
import { gb18030Plain, kohaManner } from '../../../../../src/sandbox/ils/dialect.ts'
import { startSandboxIls } from '../../../../../src/sandbox/ils/sandbox-ils.ts'
import { anAccount, openSite } from '../../../../gateway/sip2-server/site.ts'
import { authority } from '../../../../harness/certificates.ts'
import { library, start } from '../../../../sandbox/ils/library.ts'
import { inVirtualTime } from './session-wire.ts'

const given: Given = {
  ...usualGiven,
  host: '127.0.0.1',
  port: 0,
  user: 'gateway',
  password: 's3cret',
  location: 'GSQ',
  patience: 20_000,
}

/** A real clock whose short rests pass at once. */
const hurried = (): Clock => {
  let ahead = 0
  return {
    now: () => systemClock.now() + ahead,
    after: (delay, act) => {
      if (delay > 2000) return systemClock.after(delay, act)
      ahead += delay
      const now = setImmediate(act)
      return () => clearImmediate(now)
    },
  }
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A server of any kind on a port of its own. */
const listening = async (server: ReturnType<typeof createServer>): Promise<number> => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const probed = async (port: number, more: Partial<Given> = {}, tls?: { ca: string; serverName: string }) => {
  const clock = hurried()
  const asked = { ...given, port, ...more }
  return examineSip2(asked, socketWire({ host: '127.0.0.1', port, tls }, clock, 10), clock)
}

const worst = (verdicts: Awaited<ReturnType<typeof probed>>['verdicts']) =>
  verdicts.filter(({ state }) => state === 'bad').map(({ topic, say }) => `${topic}: ${say.en}`)

describe('what is no library system', () => {
  it('is told to be a web server', async () => {
    const { verdicts, settings } = await probed(await listening(createWebServer()))
    expect(worst(verdicts)).toEqual([expect.stringContaining('reach: this is a web server, not SIP2')])
    expect(settings).toBeUndefined()
  })

  it('is told to speak SSH', async () => {
    const port = await listening(createServer(socket => socket.write('SSH-2.0-OpenSSH_9.9\r\n')))
    const { verdicts } = await probed(port, { greetingPatience: 20_000 })
    expect(worst(verdicts)).toEqual([expect.stringContaining('reach: this is SSH')])
  })

  it('is told to flood, and read no further than an answer may be long', async () => {
    let sent = 0
    const port = await listening(
      createServer(socket => {
        const pour = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(64 * 1024, 0x41))) sent += 64 * 1024
        }
        socket.on('drain', pour)
        pour()
      }),
    )
    const { verdicts } = await probed(port, { greetingPatience: 20_000 })
    expect(worst(verdicts)).toEqual([expect.stringContaining('reach: it sends without end')])
    expect(sent).toBeLessThan(32 * 1024 * 1024)
  })

  it('is told to hang up, whether at once or at the first word', async () => {
    const atOnce = await listening(createServer(socket => socket.end()))
    expect(worst((await probed(atOnce)).verdicts)).toEqual([expect.stringContaining('hangs up')])
    const later = await listening(createServer(socket => socket.on('data', () => socket.end())))
    const { verdicts, facts } = await probed(later)
    expect(worst(verdicts)).toEqual([expect.stringContaining('hangs up')])
    const advice = (all: typeof verdicts) => all.find(({ state }) => state === 'bad')?.help?.en
    expect(advice(verdicts)).not.toContain('--user')
    expect(advice((await probed(later, { user: undefined })).verdicts)).toContain('--user')
    expect(facts.login.outcome).toBe('unclear')
  })

  it('is told not to be there', async () => {
    const server = createServer()
    const port = await listening(server)
    await closing.pop()!()
    const { verdicts } = await probed(port)
    expect(worst(verdicts)).toEqual([expect.stringContaining('refused: a wrong port')])
  })

  it('is told to speak otherwise', async () => {
    const port = await listening(createServer(socket => socket.on('data', () => socket.write('What?\r\n'))))
    expect(worst((await probed(port)).verdicts)).toEqual([expect.stringContaining('not SIP2: “What?”')])
  })
})

/** A wire whose other side takes everything and says nothing. */
const mute = (
  clock: ManualClock,
  words: () => Uint8Array = () => new Uint8Array(),
): ProbeWire & { said: number } => {
  const quiet = (patience: number) =>
    new Promise<{ heard: 'silence'; bytes: Uint8Array }>(resolve => {
      clock.after(patience, () => resolve({ heard: 'silence', bytes: words() }))
    })
  const wire = {
    said: 0,
    open: async (_line: number, tls: boolean) =>
      tls ? ({ heard: 'not-opened', code: 'timeout' } as const) : ({ heard: 'opened' } as const),
    listen: async (_line: number, patience: number) => quiet(patience),
    say: async (_line: number, _bytes: Uint8Array, patience: number) => {
      wire.said++
      return quiet(patience)
    },
    close: () => {},
    end: () => {},
  }
  return wire
}

describe('a system that never answers', () => {
  it('is given up within a minute, and its account tried once', async () => {
    const clock = new ManualClock(start)
    const wire = mute(clock)
    const { value, took } = await inVirtualTime(clock, examineSip2({ ...given, patience: 4000 }, wire, clock))
    expect(worst(value.verdicts)).toEqual([expect.stringContaining('answers nothing')])
    expect(took).toBeLessThan(60_000)
    expect(wire.said).toBeLessThan(12)
  })

  it('is given up when it drips bytes without an end', async () => {
    const clock = new ManualClock(start)
    const { value, took } = await inVirtualTime(
      clock,
      examineSip2(
        { ...given, patience: 4000 },
        mute(clock, () => Buffer.from('98YYY')),
        clock,
      ),
    )
    expect(worst(value.verdicts)).toHaveLength(1)
    expect(took).toBeLessThan(60_000)
  })

  it('is left alone when the probe has used up its time, its requests or its connections', async () => {
    for (const limit of [{ time: 3000 }, { requests: 1 }, { connections: 1 }]) {
      const clock = new ManualClock(start)
      const wire = mute(clock)
      const { value } = await inVirtualTime(
        clock,
        examineSip2({ ...given, patience: 4000 }, wire, clock, () => {}, { ...usualLimits, ...limit }),
      )
      expect(value.facts.stopped).toBe(Object.keys(limit)[0])
      expect(worst(value.verdicts)).toContainEqual(expect.stringContaining('budget'))
      expect(wire.said).toBeLessThan(4)
    }
  })
})

describe('over real sockets', () => {
  const real = async (dialect: typeof kohaManner) => {
    const sandbox = await startSandboxIls({
      name: 'real',
      dialect,
      seed: library(),
      clock: new ManualClock(start),
      random: seededRandom('real'),
    })
    closing.push(() => sandbox.close())
    return sandbox
  }

  it('the same is found as without them', async () => {
    const sandbox = await real(kohaManner)
    const { facts, settings } = await probed(sandbox.port, { patron: 'R0007', pin: '1234' })
    expect(facts).toMatchObject({ sums: { without: 'answer', wrong: '96' }, resend: 'zero', tls: 'no' })
    expect([...facts.lines.theirs]).toEqual(['\r\n'])
    expect(parse(settings!)).toMatchObject({ ils: { driver: 'sip2', port: sandbox.port } })
  })

  const town = authority('Town')

  const tunnel = async (port: number): Promise<number> =>
    listening(
      createTlsServer(town.issue('ils.test', { names: ['ils.test'] }), socket => {
        const inner = connect(port, '127.0.0.1')
        inner.on('error', () => socket.destroy())
        socket.on('error', () => inner.destroy())
        socket.pipe(inner).pipe(socket)
      }),
    )

  it('TLS is found out, and all is asked through it', async () => {
    const port = await tunnel((await real(kohaManner)).port)
    const { facts, settings } = await probed(port, {}, { ca: town.cert, serverName: 'ils.test' })
    expect(facts).toMatchObject({ tls: 'found', login: { outcome: 'well' } })
    expect(parse(settings!)).toMatchObject({ ils: { tls: {} } })
  })

  it('no password goes to a server whose certificate cannot be trusted', async () => {
    const sandbox = await real(kohaManner)
    const { facts, verdicts } = await probed(await tunnel(sandbox.port))
    expect(facts.login.outcome).toBe('not-tried')
    expect(worst(verdicts)).toEqual([expect.stringContaining('tls: TLS does not come about')])
    expect(sandbox.heard()).toEqual({})
  })

  it('our own server for kiosks passes the examination', async () => {
    const site = await openSite({ accounts: [anAccount({ connections: 3, institution: 'SZTEST' })] })
    closing.push(() => site.close())
    const account = { user: 'hall', password: 'open sesame', patron: 'R0007', pin: '1234' }
    const { facts, verdicts, dialect } = await probed(site.port, account)
    expect(worst(verdicts)).toEqual([])
    expect(facts).toMatchObject({
      login: { form: '93', outcome: 'well' },
      encoding: { is: 'found', encoding: 'utf-8' },
      echo: 'same',
      sums: { without: 'answer', wrong: '96' },
      resend: 'kept',
      patron: { rightPin: 'Y', entriesAre: 'barcode' },
      connections: { opened: 3 },
    })
    expect(dialect).toBe('default')
    expect(site.sandbox.state.counts().checkout).toEqual({ done: 0, refused: 0, idle: 0 })
  })

  it('the limit of connections is found, and all are closed again', async () => {
    const sandbox = await real(gb18030Plain)
    const { facts } = await probed(sandbox.port, { sideBySide: 6 })
    expect(facts.connections).toMatchObject({ opened: 4, bound: 6 })
  })
})
