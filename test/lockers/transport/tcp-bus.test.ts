import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { ringTranscript } from '../../../src/kernel/transcript.ts'
import { type Ask, fixedLength } from '../../../src/lockers/transport/bus.ts'
import { createTcpBus, type TcpBusOptions } from '../../../src/lockers/transport/tcp-bus.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import {
  type Contact,
  contactFrame,
  readBoardBits,
  readContact,
  requestFrame,
} from '../../../src/lockers/vendors/xor-board-frames.ts'
import { type SandboxBusSettings, startSandboxBus } from '../../../src/sandbox/lockers/bus.ts'
import { until } from '../../harness/until.ts'
import { wireTime } from '../wire.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const readOne = (board: number, lock: number, more: Partial<Ask<Contact>> = {}): Ask<Contact> => ({
  key: `read ${board}/${lock}`,
  urgent: false,
  acts: false,
  tries: 1,
  request: requestFrame({ kind: 'read-one', board, lock }),
  echoProof: true,
  find: fixedLength(5, frame => readContact(frame, { kind: 'read-one', board, lock })),
  ...more,
})
const open = (board: number, lock: number): Ask<Contact> => ({
  key: `open ${board}/${lock}`,
  urgent: true,
  acts: true,
  tries: 1,
  request: requestFrame({ kind: 'open', board, lock }),
  echoProof: false,
  find: fixedLength(5, frame => readContact(frame, { kind: 'open', board, lock })),
})
const readBoard = (board: number, channels: number): Ask<ReadonlySet<number>> => ({
  key: `read ${board}`,
  urgent: false,
  acts: false,
  tries: 1,
  request: requestFrame({ kind: 'read-board', board }),
  echoProof: false,
  find: fixedLength(4 + Math.ceil(channels / 8), frame => readBoardBits(frame, { board, channels })),
})

const setUp = async (
  boards: SandboxBusSettings['boards'] = [{ address: 1, channels: 24 }],
  more: Partial<TcpBusOptions> = {},
) => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const far = await startSandboxBus({ boards, clock })
  const transcript = ringTranscript(1000)
  const bus = createTcpBus({
    name: 'locker-line:test',
    address: { dial: { host: '127.0.0.1', port: far.port } },
    clock,
    timing: xorBoard.timing,
    transcript: transcript.take,
    ...more,
  })
  closing.push(far.close, bus.close)
  await until(() => bus.up())
  return { clock, far, bus, transcript, ...wireTime(clock, bus, far) }
}
const value = (contact: Contact) => ({ ok: true, value: { value: contact, doubtful: false } })
const problem = (code: string, more: object = {}) => ({
  ok: false,
  problem: expect.objectContaining({ code, ...more }),
})

describe('the one asker of a line', () => {
  it('asks one question at a time, spaced so that every board hears each of them', async () => {
    const { bus, far, during, transcript } = await setUp([
      { address: 1, channels: 24 },
      { address: 2, channels: 24 },
    ])
    const answers = await during(
      Promise.all([1, 2, 1, 2, 1, 2].map((board, i) => bus.ask(readOne(board, i + 1)))),
    )
    expect(answers).toEqual(answers.map(() => value('shorted')))
    expect(far.asked).toEqual([
      'read-one 1/1',
      'read-one 2/2',
      'read-one 1/3',
      'read-one 2/4',
      'read-one 1/5',
      'read-one 2/6',
    ])
    expect(far.traffic().trampled).toBe(0)
    const sent = transcript.lines().filter(line => line.direction === '>')
    for (const [i, line] of sent.entries())
      expect(line.at - (sent[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(xorBoard.timing.afterSend)
  })

  it('lets an opening overtake every read that waits', async () => {
    const { bus, far, during } = await setUp()
    const reads = [1, 2, 3, 4].map(lock => bus.ask(readOne(1, lock)))
    const opening = bus.ask(open(1, 9))
    await during(Promise.all([...reads, opening]))
    expect(far.asked).toEqual(['read-one 1/1', 'open 1/9', 'read-one 1/2', 'read-one 1/3', 'read-one 1/4'])
  })

  it('refuses early when too many wait, and gives an opening the place of a read', async () => {
    const { bus, during } = await setUp(undefined, { queue: 2 })
    const sent = bus.ask(readOne(1, 1))
    const [kept, displaced] = [bus.ask(readOne(1, 2)), bus.ask(readOne(1, 3))]
    expect(await bus.ask(readOne(1, 4))).toEqual(problem('locker-line-busy', { kind: 'unreachable' }))
    const opening = bus.ask(open(1, 5))
    expect(await displaced).toEqual(problem('locker-line-busy'))
    expect((await during(Promise.all([sent, kept, opening]))).every(answer => answer.ok)).toBe(true)
  })

  it('does not send an opening that waited until nobody stands at the door any more', async () => {
    const { bus, far, during } = await setUp(undefined, { timing: { ...xorBoard.timing, patience: 300 } })
    far.faults.silent.add(1)
    const read = bus.ask(readOne(1, 1))
    const opening = bus.ask(open(1, 2))
    expect(await during(read)).toEqual(problem('locker-no-answer'))
    const answer = await during(opening)
    expect(answer).toEqual(problem('locker-line-busy'))
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
    expect(far.traffic().received).toBe(5)
  })

  it('repeats a read once, an opening never', async () => {
    const { bus, far, during } = await setUp()
    far.faults.deaf = 1
    expect(await during(bus.ask(readOne(1, 1, { tries: 2 })))).toEqual(value('shorted'))
    far.faults.deaf = 1
    expect(await during(bus.ask({ ...open(1, 1), tries: 2 }))).toEqual(
      problem('locker-no-answer', { maybeDone: true }),
    )
    expect(far.asked).toEqual(['read-one 1/1'])
  })
})

describe('what else is heard on a line', () => {
  it('finds the answer behind noise and a registration packet', async () => {
    const { bus, far, during } = await setUp()
    far.faults.noise = Uint8Array.of(0xff, 0x00, 0x8a, 0x80, 0x01, 0x55)
    expect(await during(bus.ask(readOne(1, 1)))).toEqual(value('shorted'))
  })

  it('puts an answer together that comes byte by byte', async () => {
    const { bus, far, during } = await setUp()
    far.faults.split = true
    far.door(1, 8).force()
    far.door(1, 1).force()
    const answer = await during(bus.ask(readBoard(1, 24)))
    expect(answer.ok && [...answer.value.value]).toEqual([1, 8])
  })

  it('does not take a late answer for that of the next question', async () => {
    const { bus, far, during } = await setUp()
    far.faults.late.push(520)
    const first = bus.ask(readOne(1, 1))
    const second = bus.ask(readOne(1, 2))
    far.door(1, 2).force()
    expect(await during(first)).toEqual(problem('locker-no-answer'))
    expect(await during(second)).toEqual(value('not-shorted'))
  })

  it('does not take the late answer of a whole board for that of one lock, though its start looks like it', async () => {
    const { bus, far, during } = await setUp()
    for (const channel of [17, 19, 3, 8]) far.door(1, channel).force()
    far.faults.split = true
    far.faults.late.push(490)
    const whole = bus.ask(readBoard(1, 24))
    const one = bus.ask(readOne(1, 5))
    expect(await during(whole)).toEqual(problem('locker-no-answer'))
    expect(await during(one)).toEqual(value('shorted'))
  })

  it('believes the later of two answers to one question when the first may be a late one', async () => {
    const { bus, far, during, pass } = await setUp()
    far.faults.late.push(530)
    const before = bus.ask(readOne(1, 1))
    await pass(540)
    expect(await during(before)).toEqual(problem('locker-no-answer'))
    far.door(1, 1).force()
    expect(await during(bus.ask(readOne(1, 1)))).toEqual(value('not-shorted'))
  })

  it('takes its answer out of two that arrive in one piece', async () => {
    const { bus, far, during } = await setUp()
    far.faults.glue = 1
    far.door(1, 2).force()
    const first = bus.ask(readOne(1, 1))
    const second = bus.ask(readOne(1, 2))
    expect(await during(first)).toEqual(problem('locker-no-answer'))
    expect(await during(second)).toEqual(value('not-shorted'))
  })

  it('tells bytes that make no answer from silence', async () => {
    const { bus, far, during } = await setUp()
    far.faults.corrupt = 1
    expect(await during(bus.ask(readOne(1, 1)))).toEqual(
      problem('locker-answer-garbled', { kind: 'garbled' }),
    )
    far.faults.corrupt = 1
    expect(await during(bus.ask(open(1, 1)))).toEqual(problem('locker-answer-garbled', { maybeDone: true }))
  })

  it('tells the answer of another board from an answer that is damaged', async () => {
    const { bus, far, during } = await setUp()
    const strict = { foreign: (heard: Uint8Array) => heard[1] === 2, tries: 1 }
    far.faults.corrupt = 1
    expect(await during(bus.ask(readOne(1, 1, strict)))).toEqual(problem('locker-answer-garbled'))
    far.faults.noise = contactFrame('read-one', 2, 1, 'shorted')
    far.faults.corrupt = 1
    expect(await during(bus.ask(readOne(1, 1, strict)))).toEqual(
      problem('locker-answer-foreign', {
        kind: 'garbled',
        their: { text: expect.stringMatching(/^80 02 01/) },
      }),
    )
  })

  it('learns that the adapter echoes, and never takes an echo for the answer of an opening', async () => {
    const { bus, far, during } = await setUp([{ address: 1, channels: 24, shortedWhen: 'open' }])
    far.faults.echo = true
    expect(await during(bus.ask(readOne(1, 1)))).toEqual(value('not-shorted'))
    expect(bus.echo()).toBe('yes')
    far.faults.deaf = 1
    expect(await during(bus.ask(open(1, 1)))).toEqual(
      expect.objectContaining({ ok: false, problem: expect.objectContaining({ maybeDone: true }) }),
    )
    expect(await during(bus.ask(open(1, 2)))).toEqual(value('shorted'))
    expect(far.door(1, 2).isOpen()).toBe(true)
  })

  it('says that an answer equal to its question is doubtful while the habit of the line is unknown', async () => {
    const { bus, during } = await setUp([{ address: 1, channels: 24, shortedWhen: 'open' }])
    expect(await during(bus.ask(open(1, 1)))).toEqual({
      ok: true,
      value: { value: 'shorted', doubtful: true },
    })
    expect(await during(bus.ask(readOne(1, 1)))).toEqual(value('shorted'))
    expect(bus.echo()).toBe('no')
  })

  it('writes every frame that crossed the line into the transcript', async () => {
    const { bus, transcript, during } = await setUp()
    await during(bus.ask(readOne(1, 1)))
    expect(transcript.lines().map(line => `${line.direction} ${line.text}`)).toEqual([
      '> read 1/1 80 01 01 33 B3',
      '< read 1/1 80 01 01 11 91',
    ])
  })
})

describe('acts on a line', () => {
  it('stand as far apart as the supply needs, and reads go on between them', async () => {
    const { bus, far, during, transcript } = await setUp(undefined, {
      timing: { ...xorBoard.timing, betweenActs: 1300 },
    })
    const asked = [1, 2, 3].map(lock => bus.ask(open(1, lock)))
    const reads = [1, 2, 3, 4].map(lock => bus.ask(readOne(1, lock)))
    await during(Promise.all([...asked, ...reads]))
    const sent = transcript.lines().filter(line => line.direction === '>')
    const acts = sent.filter(line => line.text.startsWith('open')).map(line => line.at)
    expect(acts.map((at, i) => at - (acts[i - 1] ?? at)).slice(1)).toEqual([
      expect.closeTo(1300, -1),
      expect.closeTo(1300, -1),
    ])
    expect(sent.map(line => line.text.slice(0, 4))).toEqual([
      'open',
      ...['read', 'read', 'read', 'read'],
      'open',
      'open',
    ])
    expect(far.asked.filter(one => one.startsWith('open'))).toHaveLength(3)
  })

  it('count as sent when the family need not answer, and nothing is thought of a silent line', async () => {
    const { bus, far, during } = await setUp(undefined, { timing: { ...xorBoard.timing, betweenActs: 0 } })
    far.faults.silent.add(1)
    const mute = { ...open(1, 1), silence: { after: 100, means: 'not-shorted' as const } }
    for (let i = 0; i < 12; i++) expect(await during(bus.ask(mute))).toEqual(value('not-shorted'))
    expect(bus.up()).toBe(true)
  })
})

describe('a line that breaks', () => {
  it('answers at once that it is down, and comes back by itself with growing pauses', async () => {
    const { bus, far, clock, during, until: turnUntil } = await setUp()
    far.power(false)
    await turnUntil(() => !bus.up())
    expect(await bus.ask(readOne(1, 1))).toEqual(problem('locker-line-down', { retry: 'later' }))
    await clock.advance(500)
    await clock.advance(999)
    far.power(true)
    expect(bus.up()).toBe(false)
    for (let waited = 0; !bus.up() && waited < 10_000; waited += 10) {
      await clock.advance(10)
      for (let turns = 0; turns < 20; turns++) await new Promise(resolve => setImmediate(resolve))
    }
    expect(await during(bus.ask(readOne(1, 1)))).toEqual(value('shorted'))
  })

  it('tells that an opening may have happened when the line breaks in the middle of its answer', async () => {
    const { bus, far, during } = await setUp()
    far.faults.breakAfter = 2
    expect(await during(bus.ask(open(1, 1)))).toEqual(problem('locker-line-down', { maybeDone: true }))
    expect(far.door(1, 1).isOpen()).toBe(true)
  })

  it('gives up a connection on which nothing is heard any more, and makes a new one', async () => {
    const { bus, far, during, clock } = await setUp()
    far.faults.silent.add(1)
    for (let i = 0; i < 8; i++) await during(bus.ask(readOne(1, 1)))
    await until(() => !bus.up())
    far.faults.silent.clear()
    await clock.advance(500)
    await until(() => bus.up())
    expect(await during(bus.ask(readOne(1, 1)))).toEqual(value('shorted'))
  })

  it('gives up a connection that may still hold an opening back, and does not deliver it later', async () => {
    const clock = new ManualClock('2026-11-23T00:00:00Z')
    const held: Socket[] = []
    const deaf = createServer(socket => held.push(socket.pause()))
    await new Promise<void>(resolve => deaf.listen(0, '127.0.0.1', resolve))
    const { port } = deaf.address() as AddressInfo
    const bus = createTcpBus({
      name: 'locker-line:test',
      address: { dial: { host: '127.0.0.1', port } },
      clock,
      timing: xorBoard.timing,
    })
    closing.push(
      async () => {
        for (const socket of held) socket.destroy()
        await new Promise(resolve => deaf.close(resolve))
      },
      () => bus.close(),
    )
    await until(() => bus.up() && held.length === 1)
    const reset = new Promise<Error>(resolve => held[0]!.once('error', resolve))
    const opening = bus.ask(open(1, 1))
    await clock.advance(500)
    expect(await opening).toEqual(problem('locker-no-answer', { maybeDone: true }))
    await clock.advance(2499)
    expect(bus.up()).toBe(true)
    await clock.advance(1)
    await until(() => !bus.up())
    held[0]!.resume()
    expect(await reset).toMatchObject({ code: 'ECONNRESET' })
  })

  it('keeps a connection on which others are heard while one board does not answer its opening', async () => {
    const { bus, far, during, pass } = await setUp([
      { address: 1, channels: 8 },
      { address: 2, channels: 8 },
    ])
    far.faults.silent.add(1)
    expect(await during(bus.ask(open(1, 1)))).toEqual(problem('locker-no-answer', { maybeDone: true }))
    expect(await during(bus.ask(readOne(2, 1)))).toEqual(value('shorted'))
    await pass(4000)
    expect(await during(bus.ask(readOne(2, 1)))).toEqual(value('shorted'))
  })

  it('forgets what it knew of echoes with the connection', async () => {
    const { bus, far, during } = await setUp()
    await during(bus.ask(readOne(1, 1)))
    expect(bus.echo()).toBe('no')
    far.cut()
    await until(() => !bus.up())
    expect(bus.echo()).toBe('unknown')
  })
})

describe('a converter that dials us', () => {
  const listening = async (from?: string) => {
    const clock = new ManualClock('2026-11-23T00:00:00Z')
    const bus = createTcpBus({
      name: 'locker-line:test',
      address: { listen: { host: '127.0.0.1', port: 0, ...(from === undefined ? {} : { from }) } },
      clock,
      timing: xorBoard.timing,
    })
    closing.push(bus.close)
    return { clock, bus, port: (await bus.listening)! }
  }

  it('is served on the port it dials, and again after it was cut off', async () => {
    const { clock, bus, port } = await listening()
    const far = await startSandboxBus({
      boards: [{ address: 1, channels: 24 }],
      clock,
      dial: { host: '127.0.0.1', port },
    })
    closing.push(far.close)
    await until(() => bus.up())
    expect(await wireTime(clock, bus, far).during(bus.ask(readOne(1, 1)))).toEqual(value('shorted'))
    far.cut()
    await until(() => !bus.up())
    await clock.advance(300)
    await until(() => bus.up())
  })

  it('is cut off when it is not the one that may connect', async () => {
    const { bus, port } = await listening('192.0.2.1')
    const stranger = connect({ host: '127.0.0.1', port })
    stranger.on('error', () => {})
    await new Promise(resolve => stranger.once('close', resolve))
    expect(bus.up()).toBe(false)
  })

  it('replaces its older connection by the newer one', async () => {
    const { bus, port, clock } = await listening()
    const old = connect({ host: '127.0.0.1', port })
    old.on('error', () => {})
    await until(() => bus.up())
    const gone = new Promise(resolve => old.once('close', resolve))
    const fresh = connect({ host: '127.0.0.1', port })
    fresh.on('error', () => {})
    closing.push(async () => {
      fresh.destroy()
    })
    await gone
    await until(() => bus.up())
    const answer = bus.ask(readOne(1, 1))
    await new Promise(resolve => fresh.once('data', resolve))
    fresh.write(contactFrame('read-one', 1, 1, 'shorted'))
    expect(await answer).toEqual(value('shorted'))
    expect(clock.now()).toBe(Date.parse('2026-11-23T00:00:00Z'))
  })
})
