import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStream, type Hearing, streamRoutes } from '../../../src/gateway/http/stream.ts'
import { createIds, seededRandom } from '../../../src/kernel/ids.ts'
import { type TestApp, testApp } from '../../harness/app.ts'

const ids = createIds({ now: () => 1 }, seededRandom('s'))
const wang = { libraryId: 'sucheng', patronId: 'p1' }
const staff = { libraryId: 'sucheng', staff: true } as const

/** What is there already: ends the hearing to know. */
const heard = async (hearing: Hearing, count: number) => {
  const messages = []
  for (let i = 0; i < count; i++) messages.push(await hearing.next())
  return messages
}

describe('the stream of changes', () => {
  it('tells each audience its own', async () => {
    const stream = createStream(ids)
    const [one, other, desk] = [
      stream.open(wang),
      stream.open({ ...wang, patronId: 'p2' }),
      stream.open(staff),
    ]
    stream.publish(wang, 'order', { orderId: 'o1' })
    stream.publish(staff, 'work', {})
    expect(await heard(one, 1)).toMatchObject([{ event: 'order', data: { orderId: 'o1' } }])
    expect(await heard(desk, 1)).toMatchObject([{ event: 'work' }])
    const nothing = other.next()
    other.close()
    expect(await nothing).toBeUndefined()
  })

  it('goes on after the last message that was heard, without gap or repetition', async () => {
    const stream = createStream(ids)
    const first = stream.open(wang)
    for (let i = 0; i < 5; i++) stream.publish(wang, 'order', { i })
    const [, second] = await heard(first, 2)
    first.close()
    stream.publish(staff, 'work', {})
    stream.publish(wang, 'order', { i: 5 })
    const again = stream.open(wang, second!.id)
    stream.publish(wang, 'order', { i: 6 })
    expect((await heard(again, 5)).map(m => m!.data.i)).toEqual([2, 3, 4, 5, 6])
  })

  it.each([
    ['the process was started again', 'otherboot.3'],
    ['the id is nonsense', 'x'],
    ['the number lies ahead', undefined],
  ])('says that anything may have changed when %s', async (_, id) => {
    const stream = createStream(ids)
    const now = stream.open(wang)
    stream.publish(wang, 'order', {})
    const boot = (await now.next())!.id.split('.')[0]
    const names = async (audience: typeof wang | typeof staff) =>
      (await heard(stream.open(audience, id ?? `${boot}.99`), 2)).map(m => [m!.event, m!.data])
    expect(await names(wang)).toEqual([
      ['order', {}],
      ['message', {}],
    ])
    expect(await names(staff)).toEqual([
      ['work', {}],
      ['locker', {}],
    ])
  })

  it('says so too when more was told since than is kept', async () => {
    const stream = createStream(ids)
    const now = stream.open(wang)
    stream.publish(wang, 'order', {})
    const first = (await now.next())!
    for (let i = 0; i < 2000; i++) stream.publish(staff, 'work', {})
    const known = stream.open(wang, first.id)
    const nothing = known.next()
    known.close()
    expect(await nothing).toBeUndefined()
    stream.publish(staff, 'work', {})
    expect((await stream.open(wang, first.id).next())!.data).toEqual({})
  })

  it('lets go of a hearer that does not keep up, and of everyone at the end', async () => {
    const stream = createStream(ids)
    const slow = stream.open(wang)
    for (let i = 0; i < 300; i++) stream.publish(wang, 'order', { i })
    expect(await slow.next()).toBeUndefined()
    const last = stream.open(staff)
    const next = last.next()
    stream.close()
    expect(await next).toBeUndefined()
  })

  it('refuses the twenty-first page of one reader until one is closed', () => {
    const stream = createStream(ids)
    const hearings = Array.from({ length: 20 }, () => stream.open(wang))
    expect(() => stream.open(wang)).toThrow('Too many pages')
    hearings[0]!.close()
    hearings[0]!.close()
    stream.open(wang)
    expect(() => stream.open(wang)).toThrow('Too many pages')
  })
})

describe('GET /api/stream', () => {
  let t: TestApp
  beforeEach(async () => {
    t = await testApp(deps => [streamRoutes(deps)])
  })
  afterEach(() => t.close())

  it('sends events with their ids, a sign of life in the silence, and ends with the stream', async () => {
    const headers = await t.as('librarian')
    const answer = await t.send('GET', '/api/stream?as=staff', { headers })
    expect(answer.headers.get('Content-Type')).toContain('text/event-stream')
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    const read = async () => (await reader.read()).value ?? 'end'
    expect(await read()).toBe(': hello\n\nretry: 2000\n\n')
    t.deps.stream.publish(staff, 'work', { toFind: 3 })
    expect(await read()).toMatch(/^event: work\ndata: \{"toFind":3\}\nid: \S+\.1\n\n$/)
    let sign: string | undefined
    const silent = read().then(text => {
      sign = text
    })
    while (sign === undefined) await t.clock.advance(20_000)
    await silent
    expect(sign).toBe(': \n\n')
    t.deps.stream.close()
    expect(await read()).toBe('end')
  })
})
