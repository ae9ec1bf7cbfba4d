import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { encode } from '../../src/adapters/ils/sip2/encodings.ts'
import { createSip2Ils } from '../../src/adapters/ils/sip2/sip2.ts'
import { ManualClock, systemClock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/ids.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { Pseudonyms } from '../../src/main/sip2-pseudonyms.ts'
import {
  type Paper,
  paperSink,
  type RecorderSettings,
  type Sink,
  startRecorder,
} from '../../src/main/sip2-record.ts'
import { readRecording } from '../../src/main/sip2-recording.ts'
import { namesOf, secretsWanting } from '../../src/main/sip2-replay.ts'
import { startFakeIls } from '../../src/main/sip2-replay-ils.ts'
import { type Outcome, runFakeKiosk } from '../../src/main/sip2-replay-kiosk.ts'
import { createCharset, createTap } from '../../src/main/sip2-tap.ts'
import { gb18030Plain } from '../../src/sandbox/ils/dialect.ts'
import { startSandboxIls } from '../../src/sandbox/ils/sandbox-ils.ts'
import { until } from '../harness/until.ts'
import { library, start } from '../sandbox/ils/library.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Keeps the lines of a recording in memory. */
const pad = (): Sink & { readonly lines: string[] } => {
  const lines: string[] = []
  return { lines, write: line => lines.push(line), end: async () => {} }
}

const recorderTo = async (port: number, sink: Sink, more: Partial<RecorderSettings> = {}) => {
  const recorder = await startRecorder({
    listen: { host: '127.0.0.1', port: 0 },
    to: { host: '127.0.0.1', port },
    sink,
    clock: new ManualClock(start),
    key: Buffer.alloc(32, 7),
    encoding: 'auto',
    delimiter: '|',
    ...more,
  })
  closing.push(() => recorder.close())
  return recorder
}

const sandboxAt = async () => {
  const clock = new ManualClock(start)
  const sandbox = await startSandboxIls({
    name: 'recorded',
    dialect: gb18030Plain,
    seed: library(),
    clock,
    random: seededRandom('recorded'),
  })
  closing.push(() => sandbox.close())
  return sandbox
}

/** A machine before the recorder: our client, in the manner of an older Chinese system. */
const kioskAt = (port: number) => {
  const ils = createSip2Ils(
    {
      name: 'kiosk',
      host: '127.0.0.1',
      port,
      dialect: 'gb18030-plain',
      login: { user: 'gateway', password: 's3cret', location: 'GSQ' },
      profile: { holdCountMeaning: 'all', fineFormat: '3m', pageSize: 0 },
    },
    { clock: new ManualClock(start), random: seededRandom('kiosk') },
  )
  closing.push(() => ils.close())
  return ils
}

/** A morning at a machine: what it is told, by the names it uses for card and PIN. */
const morning = async (port: number, card: string, pin: string, wrong: string, other: string) => {
  const ils = kioskAt(port)
  const act = (key: string) => ({ key, repeated: false, at: start })
  return {
    patron: await ils.patron({ card, pin }),
    wrong: await ils.patron({ card, pin: wrong }),
    item: await ils.item('B1001'),
    loan: await ils.checkout({ ...act('a'), card, barcode: 'B1001' }),
    charged: await ils.patron({ card, list: 'charged' }),
    renewal: await ils.renew({ ...act('b'), card, barcode: 'B1001' }),
    back: await ils.checkin({ ...act('c'), barcode: 'B1001', returnedAt: start, location: 'GSQ' }),
    stranger: await ils.patron({ card: other }),
    unknown: await ils.item('B9999'),
  }
}

const fixture = new URL('../../fixtures/sip2/gb18030-morning-at-a-kiosk.recording', import.meta.url)

const recordMorning = async (): Promise<string> => {
  const sandbox = await sandboxAt()
  const sink = pad()
  const recorder = await recorderTo(sandbox.port, sink)
  const told = await morning(recorder.port, 'R0001', '1234', '12349', 'R0003')
  expect(told.loan.ok && told.back.ok).toBe(true)
  for (const close of closing.splice(0).reverse()) await close()
  await until(() => sink.lines.some(line => / - /.test(line)))
  return `${sink.lines.join('\n')}\n`
}

describe('a recording', () => {
  it('of a morning before the sandbox is the one that is kept', async () => {
    const text = await recordMorning()
    if (!existsSync(fixture) || process.env.UPDATE_RECORDINGS) writeFileSync(fixture, text)
    expect(text).toBe(readFileSync(fixture, 'utf8'))
  })

  it('holds nobody’s name, card, PIN, password, phone, mail or address', () => {
    const text = readFileSync(fixture, 'utf8')
    for (const personal of [
      '顾小满',
      '小满',
      '陆停云',
      'R0001',
      'R0003',
      '1234',
      's3cret',
      '00000000001|BF',
      'xiaoman',
      '虚构路',
    ])
      expect(text).not.toContain(personal)
    expect(text).toContain('读者0001')
    expect(text).toContain('園林東西：億年之質')
  })

  it('keeps one card one card, and tells a right PIN from a wrong one', () => {
    const { entries, encoding } = readRecording(readFileSync(fixture, 'utf8'))
    expect(encoding).toBe('gb18030')
    const asked = entries.flatMap(entry =>
      entry.kind === 'said' && entry.by === 'kiosk' && entry.message.command === '63'
        ? [entry.message.fields.filter(([id]) => id === 'AA' || id === 'AD').map(([, value]) => value)]
        : [],
    )
    const [right, wrong] = asked
    expect(right?.[0]).toBe(wrong?.[0])
    expect(right?.[1]).not.toBe(wrong?.[1])
    expect(new Set(asked.map(([card]) => card)).size).toBe(2)
  })

  it.each([
    ['', 1],
    ['# shuqiao sip2 recording 2', 1],
    ['# shuqiao sip2 recording 1\n1 2', 2],
    ['# shuqiao sip2 recording 1\n1 2 > hello', 2],
  ])('that is none is refused with its line: %j', (text, line) => {
    expect(() => readRecording(text)).toThrow(`line ${line} of the recording`)
  })
})

describe('a recording played', () => {
  it('as library system answers a client as the real one did', async () => {
    const recording = readRecording(readFileSync(fixture, 'utf8'))
    const unknown: string[] = []
    const fake = await startFakeIls({
      recording,
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      timing: false,
      names: namesOf(new Map()),
      told: (command, known) => {
        if (!known) unknown.push(command)
      },
    })
    closing.push(() => fake.close())
    const told = await morning(fake.port, 'T0000001', '*2', '*3', 'T0000002')
    expect(unknown).toEqual([])
    expect(orThrow(told.patron).pinValid).toBe(true)
    expect(orThrow(told.wrong).pinValid).toBe(false)
    expect(orThrow(told.item)).toMatchObject({ title: '園林東西：億年之質', status: 'available' })
    expect(orThrow(told.loan)).toMatchObject({ barcode: 'B1001', dueText: '2026-11-14' })
    expect(orThrow(told.charged)).toMatchObject({ items: ['B1001'], name: '读者0001' })
    expect(told.back).toMatchObject({ ok: true })
    expect(told.unknown).toMatchObject({ ok: false, problem: { code: 'item-unknown' } })
  })

  it('as library system knows a real card and PIN by the made-up ones, and answers with the real card', async () => {
    const fake = await startFakeIls({
      recording: readRecording(readFileSync(fixture, 'utf8')),
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      timing: false,
      names: namesOf(new Map(Object.entries(real))),
      told: () => {},
    })
    closing.push(() => fake.close())
    const told = await morning(fake.port, 'R0001', '1234', '12349', 'R0003')
    expect(orThrow(told.patron)).toMatchObject({ card: 'R0001', pinValid: true })
    expect(orThrow(told.wrong).pinValid).toBe(false)
    expect(told.loan.ok && told.back.ok).toBe(true)
  })

  it('as machine wants the passwords that were masked, of what it will say', () => {
    const recording = readRecording(readFileSync(fixture, 'utf8'))
    const given = (...names: string[]) => new Map(names.map(name => [name, 'x']))
    expect(secretsWanting(recording, given(), () => true)).toEqual(['*1', '*2', '*3'])
    expect(secretsWanting(recording, given('*1', '*3'), () => true)).toEqual(['*2'])
    expect(secretsWanting(recording, given('*2', '*3'), ({ command }) => command !== '93')).toEqual([])
    expect(secretsWanting(recording, given('*1', '*2', '*3'), () => true)).toEqual([])
  })

  it('tells in words that its port is taken', async () => {
    const sandbox = await sandboxAt()
    const taken = { host: '127.0.0.1', port: sandbox.port }
    const port = expect.objectContaining({ problem: expect.objectContaining({ code: 'cannot-listen' }) })
    await expect(recorderTo(1, pad(), { listen: taken })).rejects.toEqual(port)
    await expect(
      startFakeIls({
        recording: readRecording(readFileSync(fixture, 'utf8')),
        listen: taken,
        clock: systemClock,
        timing: false,
        names: namesOf(new Map()),
        told: () => {},
      }),
    ).rejects.toEqual(port)
  })

  const play = async (
    port: number,
    pairs: Record<string, string>,
    allowChanges: boolean,
  ): Promise<Outcome[]> =>
    runFakeKiosk({
      recording: readRecording(readFileSync(fixture, 'utf8')),
      to: { host: '127.0.0.1', port },
      clock: systemClock,
      allowChanges,
      names: namesOf(new Map(Object.entries(pairs))),
      patience: 20_000,
      told: () => {},
    })

  const real = { T0000001: 'R0001', T0000002: 'R0003', '*1': 's3cret', '*2': '1234', '*3': '12349' }

  it('as machine hears the same from a library system in the same state', async () => {
    const sandbox = await sandboxAt()
    const outcomes = await play(sandbox.port, real, true)
    expect(outcomes.filter(({ state }) => state !== 'same')).toEqual([])
    expect(sandbox.state.counts().checkout.done).toBe(1)
  })

  it('as machine tells what is different, and changes nothing without leave', async () => {
    const sandbox = await sandboxAt()
    sandbox.state.desk.setStatus('B1001', 'missing')
    const outcomes = await play(sandbox.port, real, false)
    expect(outcomes.filter(({ state }) => state === 'left-out').map(({ command }) => command)).toEqual([
      '11',
      '29',
      '09',
    ])
    expect(
      outcomes.find(({ command, state }) => command === '17' && state === 'differs')?.differences,
    ).toEqual(['circulationStatus: "13" in place of "03"'])
    expect(sandbox.state.counts().checkout).toEqual({ done: 0, refused: 0, idle: 0 })
  })

  it('as machine and as library system agrees with itself', async () => {
    const fake = await startFakeIls({
      recording: readRecording(readFileSync(fixture, 'utf8')),
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      timing: true,
      names: namesOf(new Map()),
      told: () => {},
    })
    closing.push(() => fake.close())
    const outcomes = await play(fake.port, {}, true)
    expect(outcomes.length).toBeGreaterThan(8)
    expect(outcomes.filter(({ state }) => state !== 'same')).toEqual([])
  })
})

/** A server that keeps what it hears and says what it is told to, byte by byte. */
const peer = async (serve: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const gathered = async (socket: Socket): Promise<Buffer> => {
  const parts: Buffer[] = []
  socket.on('data', (chunk: Buffer) => parts.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(parts)
}

const noise = (seed: string, length: number): Buffer => Buffer.from(seededRandom(seed)(length))

const closed = (socket: Socket): Promise<void> =>
  new Promise(resolve => socket.once('close', () => resolve()))

/** Sends `up` through a recorder to a peer that answers with `down`; what each of them has heard. */
const through = async (
  up: Uint8Array,
  down: Uint8Array,
  sink: Sink,
): Promise<{ up: Buffer; down: Buffer }> => {
  let heard: Promise<Buffer> = Promise.resolve(Buffer.alloc(0))
  const port = await peer(socket => {
    heard = gathered(socket)
    socket.end(down)
  })
  const recorder = await recorderTo(port, sink)
  const kiosk = connect({ port: recorder.port, host: '127.0.0.1', allowHalfOpen: true })
  const back = gathered(kiosk)
  kiosk.end(up)
  return { down: await back, up: await heard }
}

describe('the recorder', () => {
  it('passes every byte unchanged in both directions, also what is not SIP2', async () => {
    const up = Buffer.concat([
      noise('up', 700_000),
      Buffer.from('\r\n\n\r6300\0'),
      Buffer.alloc(300_000, 0x41),
    ])
    const down = Buffer.concat([Buffer.from('\r\n'), noise('down', 900_000)])
    const sink = pad()
    const heard = await through(up, down, sink)
    expect(heard.up.equals(up)).toBe(true)
    expect(heard.down.equals(down)).toBe(true)
    expect(sink.lines.join('\n')).not.toMatch(/A{40}/)
  })

  it('lets a slow side slow the other one down instead of keeping what it cannot pass on', async () => {
    let sent = 0
    const port = await peer(socket => {
      const chunk = Buffer.alloc(64 * 1024, 0x42)
      const pour = (): void => {
        while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
      }
      socket.on('drain', pour)
      pour()
    })
    const recorder = await recorderTo(port, pad())
    const kiosk = connect({ port: recorder.port, host: '127.0.0.1' })
    kiosk.pause()
    await once(kiosk, 'connect')
    let before = -1
    while (before !== sent) {
      before = sent
      for (let turn = 0; turn < 2000; turn++) await new Promise(resolve => setImmediate(resolve))
    }
    expect(sent).toBeLessThan(64 * 1024 * 1024)
    kiosk.destroy()
  })

  it('hangs up when either side does, and tells who it was', async () => {
    const port = await peer(socket => socket.on('data', () => socket.resetAndDestroy()))
    const sink = pad()
    const recorder = await recorderTo(port, sink)
    const kiosk = connect(recorder.port, '127.0.0.1')
    kiosk.on('error', () => {})
    kiosk.write('9900802.00\r')
    await closed(kiosk)
    await until(() => recorder.connections() === 0)
    expect(sink.lines).toContain('1 0 > 9900802.00\\r')
    expect(sink.lines.filter(line => line.startsWith('1 0 - ils'))).toHaveLength(1)
  })

  it('ends a line to a library system that is not there', async () => {
    const port = await peer(() => {})
    for (const close of closing.splice(0)) await close()
    const recorder = await recorderTo(port, pad())
    const kiosk = connect(recorder.port, '127.0.0.1')
    kiosk.on('error', () => {})
    await closed(kiosk)
    expect(recorder.connections()).toBe(0)
  })

  const broken = (how: Partial<Paper>): Paper => ({
    writableLength: 0,
    write: () => true,
    end: done => done(),
    on: () => {},
    once: () => {},
    ...how,
  })

  it('goes on when the disk is full, and says so once', async () => {
    let fail: (error: Error) => void = () => {}
    const troubles: string[] = []
    const paper = broken({
      on: (_event, act) => {
        fail = act
      },
      write: () => {
        fail(new Error('ENOSPC: no space left on device'))
        return false
      },
    })
    const up = Buffer.from('9900802.00\r'.repeat(500))
    const heard = await through(
      up,
      up,
      paperSink(paper, why => troubles.push(why)),
    )
    expect(heard.up.equals(up) && heard.down.equals(up)).toBe(true)
    expect(troubles).toEqual(['ENOSPC: no space left on device'])
  })

  it('leaves out and counts what a slow disk does not take', () => {
    const written: string[] = []
    let waiting = 0
    const paper = {
      ...broken({ write: text => written.push(text) > 0 }),
      get writableLength() {
        return waiting
      },
    }
    const sink = paperSink(paper, () => {})
    sink.write('a')
    waiting = 100 * 1024 * 1024
    for (let i = 0; i < 1000; i++) sink.write('b')
    waiting = 0
    sink.write('c')
    expect(written).toEqual(['a\n', '0 0 = lost 1000\nc\n'])
  })

  it('goes on when writing down itself fails', async () => {
    const sink: Sink = {
      write: line => {
        if (line.includes('>')) throw new Error('no')
      },
      end: async () => {},
    }
    const up = Buffer.from('9900802.00\r941\r')
    const heard = await through(up, up, sink)
    expect(heard.up.equals(up) && heard.down.equals(up)).toBe(true)
  })
})

describe('masking at the source', () => {
  const word = fc.string({
    unit: fc.constantFrom(...'顾陆停云小满张王ABCdef019'),
    minLength: 3,
    maxLength: 12,
  })
  const lines = (
    text: string,
    encoding: 'utf-8' | 'gb18030' = 'utf-8',
    pseudonyms = new Pseudonyms(Buffer.alloc(32)),
  ) => {
    const out: string[] = []
    const charset = createCharset('auto', () => {})
    const tap = createTap(
      { pseudonyms, delimiter: '|', write: (what, line) => out.push(`${what} ${line}`) },
      charset,
    )
    tap.take('ils', encode(text, encoding).bytes)
    tap.end()
    return out
  }
  const head = '64              01920261015    093000000000000000000000000000'

  it('leaves no value of a personal field anywhere, in fields or in words to people', () => {
    fc.assert(
      fc.property(word, word, word, fc.constantFrom('utf-8', 'gb18030'), (name, card, phone, encoding) => {
        const text = `${head}AOLIB|AA${card}|AE${name}|BF${phone}|AF读者：${name}，证号 ${card}，电话 ${phone}。|ZZ${name}|\r`
        const [line = ''] = lines(text, encoding as 'utf-8')
        for (const personal of [name, card, phone]) {
          const rest = line.replaceAll(
            /读者\d+|Reader \d+|T\d{7}|地址\d+|reader\d+@example\.invalid|\d{11}|AOLIB|读者：|证号|电话/g,
            '',
          )
          expect(rest.slice(70)).not.toContain(personal)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('knows a name, a card or a secret again in later messages, and only as a whole word', () => {
    const pseudonyms = new Pseudonyms(Buffer.alloc(32))
    lines(`${head}AO|AAR0001|AE顾小满|AD1984|\r`, 'utf-8', pseudonyms)
    const [line] = lines(
      '101YNN20261015    093000AO|ABR00010|AQ|AJ一九八四 1984 顾小满传|AF给小满：R0001 有预约，密码1984|\r',
      'utf-8',
      pseudonyms,
    )
    expect(line).toContain('AJ一九八四 1984 读者0001传|')
    expect(line).toContain('AF给读者0001：T0000001 有预约，密码*1|')
    expect(line).toContain('ABR00010|')
  })

  it('masks phones, identity numbers and mail addresses in words of any kind', () => {
    const [line] = lines('941AF请致电13812345678或 a.b@c.test，证件11010519491231002X|\r')
    expect(line).toBe('< 941AF请致电***或 ***，证件***|\\r')
  })

  it.each([
    ['what is no message', 'login: 顾小满\r', '< ?16'],
    [
      'a card that slipped into the part before the fields',
      '63019R0001            093000          AO|AA|\r',
      '< ?44',
    ],
    ['an unknown message', '41R0001|AAR0001|ZZ顾小满|\r', '< 41***|AAT0000001|ZZ***|\\r'],
    ['a field of which nobody knows the meaning', '941U1顾小满|\r', '< 941U1***|\\r'],
    ['a message that breaks off', '941AE顾小', '< 941AE读者0001'],
  ])('tells of %s no more than it can answer for', (_, text, expected) => {
    expect(lines(text)).toEqual([expected])
  })

  it('keeps what a message was: doubled delimiters, wrong sums, line ends', () => {
    expect(lines('9300|CNa||COb|AY1AZ0000\r\n941AY1AZFDFC\n')).toEqual([
      '< 9300|CNa||CO*1|AY1AZ=wrong\\r\\n',
      '< 941AY1AZ=ok\\n',
    ])
  })

  it('stays within its memory, and one card stays one card beyond it', () => {
    const pseudonyms = new Pseudonyms(Buffer.alloc(32), 100)
    const mask = (card: string) => pseudonyms.mask({ fields: [['AA', card]] })[0]![1]
    for (let i = 0; i < 5000; i++) mask(`CARD${i}`)
    expect(pseudonyms.size).toBe(100)
    expect(mask('CARD4000')).toBe(mask('CARD4000'))
    expect(mask('CARD4000')).not.toBe(mask('CARD4001'))
    expect(mask('CARD4000')).toMatch(/^T\d{7}$/)
  })

  it('reads back every line it writes', () => {
    const text = [
      '# shuqiao sip2 recording 1',
      ...lines(`${head}AOa\\b|AA1234|AE\u0007x|AF|\r`).map(line => `1 5 ${line}`),
    ].join('\n')
    const [entry] = readRecording(text).entries
    expect(entry).toMatchObject({ kind: 'said', by: 'ils', end: '\r', message: { command: '64' } })
    expect(entry?.kind === 'said' && entry.message.fields[0]).toEqual(['AO', 'a\\b'])
  })
})
