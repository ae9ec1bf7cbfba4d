import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttp, type HttpRequest } from '../../src/adapters/http.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { ringTranscript } from '../../src/kernel/transcript.ts'

const agent = new Agent()
let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise(resolve => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
})

const serve = async (listener: RequestListener): Promise<string> => {
  server = createServer(listener)
  await new Promise<void>(resolve => server!.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server!.address() as AddressInfo).port}/`
}
const setup = (rule = {}) => {
  const clock = new ManualClock('2026-11-02T00:00:00Z')
  const transcript = ringTranscript(50)
  const peer = createHttp({ agent, clock, transcript: transcript.take }).peer('somebody', rule)
  const post = (url: string, more: Partial<HttpRequest> = {}) =>
    peer.send({
      method: 'POST',
      url,
      body: 'secret=42',
      note: { request: 'asks', reply: reply => `says ${reply.status}` },
      ...more,
    })
  return { clock, transcript, peer, post }
}
const problem = (answer: { ok: boolean }) => (answer as unknown as { problem: { code: string } }).problem

describe('the outbound HTTP client', () => {
  it('hands over whatever the peer answered below 500', async () => {
    const url = await serve((request, response) => {
      request.resume()
      response.writeHead(404).end('no such thing')
    })
    const answer = await setup().post(url)
    expect(answer).toMatchObject({ ok: true, value: { status: 404 } })
    expect(answer.ok && answer.value.body.toString()).toBe('no such thing')
  })

  it('calls a 5xx and a 429 unreachable, and says that the act may have happened', async () => {
    let status = 503
    const url = await serve((_, response) => response.writeHead(status).end('x'))
    const { post } = setup()
    expect(problem(await post(url))).toMatchObject({ code: 'server-error', maybeDone: true, retry: 'later' })
    status = 429
    expect(problem(await post(url))).toMatchObject({ code: 'too-many-requests' })
  })

  it('gives up at the deadline of its clock, not before', async () => {
    const arrived = Promise.withResolvers<void>()
    const url = await serve(() => arrived.resolve())
    const { clock, post } = setup()
    const answer = post(url, { deadline: 3000 })
    await arrived.promise
    await clock.advance(2999)
    expect(await Promise.race([answer, Promise.resolve('waiting')])).toBe('waiting')
    await clock.advance(1)
    expect(problem(await answer)).toMatchObject({ code: 'deadline-passed', maybeDone: true })
  })

  it('stops reading an answer above the bound', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(5000)))
    expect(problem(await setup().post(url, { maxBytes: 4999 }))).toMatchObject({ code: 'reply-too-large' })
    expect(await setup().post(url, { maxBytes: 5000 })).toMatchObject({ ok: true })
  })

  it('repeats a lost call only when that is harmless', async () => {
    let calls = 0
    const url = await serve((request, response) => {
      if (++calls % 2 === 1) request.socket.destroy()
      else response.end('yes')
    })
    const { post } = setup()
    expect(problem(await post(url))).toMatchObject({ code: 'connection-lost', maybeDone: true })
    expect(calls).toBe(1)
    calls = 0
    expect(await post(url, { repeatable: true })).toMatchObject({ ok: true })
    expect(calls).toBe(2)
  })

  it('knows that a refused connection carried nothing', async () => {
    const url = await serve((_, response) => response.end())
    await new Promise(resolve => server!.close(resolve))
    server = undefined
    const answer = problem(await setup().post(url))
    expect(answer).toMatchObject({ code: 'no-connection', kind: 'unreachable' })
    expect(answer).not.toHaveProperty('maybeDone')
  })

  it('opens after failures, refuses at once, and lets one call try after the rest', async () => {
    let calls = 0
    let status = 500
    const url = await serve((_, response) => {
      calls++
      response.writeHead(status).end()
    })
    const { clock, peer, post } = setup({ atLeast: 3, rest: 10_000 })
    for (let i = 0; i < 3; i++) await post(url)
    expect(peer.state()).toBe('open')
    expect(problem(await post(url))).toMatchObject({ code: 'peer-resting' })
    expect(calls).toBe(3)

    clock.jump(clock.now() + 10_000)
    expect(peer.state()).toBe('half-open')
    await post(url)
    expect(peer.state()).toBe('open')

    clock.jump(clock.now() + 10_000)
    status = 200
    expect(await post(url)).toMatchObject({ ok: true })
    expect(peer.state()).toBe('closed')
    expect(calls).toBe(5)
  })

  it('forgets failures that are older than the window', async () => {
    let status = 500
    const url = await serve((_, response) => response.writeHead(status).end())
    const { clock, peer, post } = setup({ atLeast: 3, window: 30_000 })
    await post(url)
    await post(url)
    clock.jump(clock.now() + 60_000)
    status = 200
    await post(url)
    status = 500
    await post(url)
    expect(peer.state()).toBe('closed')
  })

  it('takes a refusal of the peer for health', async () => {
    const url = await serve((_, response) => response.writeHead(400).end())
    const { peer, post } = setup({ atLeast: 2 })
    for (let i = 0; i < 5; i++) await post(url)
    expect(peer.state()).toBe('closed')
  })

  it('keeps the note of a call in the transcript and never its body', async () => {
    const url = await serve((_, response) => response.end('private'))
    const { transcript, post } = setup()
    await post(url)
    expect(transcript.lines().map(line => `${line.direction}${line.text}`)).toEqual(['>asks', '<says 200'])
    expect(JSON.stringify(transcript.lines())).not.toMatch(/secret|private/)
  })
})
