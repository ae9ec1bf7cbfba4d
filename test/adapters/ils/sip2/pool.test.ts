import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Sip2SettingsInput } from '../../../../src/adapters/ils/sip2/settings.ts'
import {
  type AcsOptions,
  but,
  friendly,
  type Heard,
  item18,
  type Link,
  type Script,
  startAcs,
  status98,
} from './acs.ts'
import { act, type Rig, rig } from './client.ts'

let current: Rig | undefined
const start = async (
  script: Script,
  settings: Partial<Sip2SettingsInput> = {},
  options: AcsOptions = {},
): Promise<Rig> => {
  current = await rig(script, settings, options)
  return current
}
afterEach(async () => {
  await current?.end()
  current = undefined
})

/** Answers requests for items only when told to. */
const held = (): {
  script: Script
  waiting: [Heard, Link][]
  release: () => void
  releaseOne: () => void
} => {
  const waiting: [Heard, Link][] = []
  const releaseOne = (): void => {
    const [heard, link] = waiting.shift() ?? []
    if (heard && link) link.answer(item18(heard.value('AB')))
  }
  return {
    waiting,
    script: but((heard, link) => {
      if (heard.command !== '17') return false
      waiting.push([heard, link])
      return true
    }),
    release: () => {
      while (waiting.length > 0) releaseOne()
    },
    releaseOne,
  }
}

const code = (answer: { ok: boolean; problem?: { code: string } }): string =>
  answer.ok ? 'ok' : (answer.problem?.code ?? '')

describe('the budget of connections', () => {
  it('is never exceeded, each carrying one request at a time', async () => {
    const hold = held()
    const { ils, acs } = await start(hold.script, { profile: { maxConnections: 3 } })
    const answers = Array.from({ length: 10 }, (_, i) => ils.item(`B${i}`))
    await acs.heard('17', 3)
    expect(acs.accepted).toBe(3)
    expect(hold.waiting.map(([heard]) => heard.connection).sort()).toEqual([1, 2, 3])
    expect(ils.health()).toMatchObject({ state: 'up', queue: 7 })
    for (let served = 3; served < 10; served++) {
      hold.releaseOne()
      await acs.heard('17', served + 1)
      expect(hold.waiting).toHaveLength(3)
    }
    hold.release()
    expect((await Promise.all(answers)).map(code)).toEqual(Array(10).fill('ok'))
    expect(acs.accepted).toBe(3)
  })

  it('lets people go before work, each in order', async () => {
    const hold = held()
    const { ils, acs } = await start(hold.script, { profile: { maxConnections: 1 } })
    const first = ils.item('first')
    await acs.heard('17')
    const order: string[] = []
    const work = ['W1', 'W2'].map(card => ils.patron({ card, priority: 'work' }).then(() => order.push(card)))
    const people = ['P1', 'P2'].map(card =>
      ils.patron({ card, priority: 'person' }).then(() => order.push(card)),
    )
    hold.release()
    await Promise.all([first, ...work, ...people])
    expect(order).toEqual(['P1', 'P2', 'W1', 'W2'])
  })

  it('refuses early when the queue is full, and gives the place of work to people', async () => {
    const hold = held()
    const { ils, acs } = await start(hold.script, { queue: 2, profile: { maxConnections: 1 } })
    const first = ils.item('first')
    await acs.heard('17')
    const work = [ils.patron({ card: 'W1', priority: 'work' }), ils.patron({ card: 'W2', priority: 'work' })]
    expect(await ils.patron({ card: 'W3', priority: 'work' })).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable', code: 'ils-busy', retry: 'later' },
    })
    const person = ils.patron({ card: 'P1' })
    expect(code(await work[1]!)).toBe('ils-busy')
    hold.release()
    expect([code(await first), code(await person), code(await work[0]!)]).toEqual(['ok', 'ok', 'ok'])
  })

  it('ends what waits too long, which has not been sent', async () => {
    const hold = held()
    const { ils, acs, clock } = await start(hold.script, {
      profile: { maxConnections: 1, responseTimeoutSeconds: 60 },
    })
    const first = ils.item('first')
    await acs.heard('17')
    const second = ils.checkout({ ...act, card: 'R', barcode: 'B', at: clock.now(), priority: 'person' })
    await clock.advance(20_000)
    const answer = await second
    expect(code(answer)).toBe('ils-late')
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
    expect(code(await first)).toBe('ils-no-answer')
    expect(acs.lines.some(heard => heard.command === '11')).toBe(false)
  })

  it('uses a connection once where the library system answers once', async () => {
    const { ils, acs } = await start(friendly, { dialect: 'one-shot' })
    for (const barcode of ['B1', 'B2', 'B3']) expect(code(await ils.item(barcode))).toBe('ok')
    expect(acs.lines.filter(heard => heard.command === '17').map(heard => heard.connection)).toEqual([
      1, 2, 3,
    ])
  })
})

describe('idle connections', () => {
  it('are kept alive with 99', async () => {
    const { ils, acs, clock } = await start(friendly, {
      profile: { keepAliveSeconds: 240, maxConnections: 1 },
    })
    await ils.item('B1')
    for (const count of [2, 3]) {
      await clock.advance(240_000)
      await acs.heard('99', count)
      await ils.item('B1')
    }
    expect(acs.accepted).toBe(1)
  })

  it('are closed when 99 says off-line, and tried again later', async () => {
    let online = true
    const script = but((heard, link) => {
      if (heard.command !== '99') return false
      link.answer(status98('', online ? 'Y' : 'N'))
      return true
    })
    const { ils, acs, clock } = await start(script)
    await ils.item('B1')
    online = false
    await clock.advance(240_000)
    await acs.heard('99', 2)
    await acs.openIs(0)
    online = true
    expect(code(await ils.item('B2'))).toBe('ok')
  })

  it('are closed after a while where long ones do harm', async () => {
    const { ils, acs, clock } = await start(friendly, { dialect: 'symphony' })
    await ils.item('B1')
    await clock.advance(59_999)
    expect(acs.open).toBe(1)
    await clock.advance(1)
    await acs.openIs(0)
    expect(code(await ils.item('B2'))).toBe('ok')
  })
})

describe('a library system that is away', () => {
  it('is tried again with growing waits, then requests are refused at once, and it is found again by itself', async () => {
    const { ils, acs, clock } = await start(friendly, { deadlineSeconds: { person: 5, work: 5 } })
    expect(ils.health()).toMatchObject({ state: 'not-started', queue: 0 })
    const { port } = acs
    await acs.close()
    const waiting = ils.item('B1')
    const settled = waiting.then(code)
    for (let i = 0; i < 40 && (await Promise.race([settled, tick()])) === 'waiting'; i++)
      await clock.advance(250)
    expect(await settled).toBe('ils-down')
    expect(ils.health()).toMatchObject({ state: 'down', say: { zh: expect.stringContaining('图书馆系统') } })
    const down = ils.health().since
    expect(await ils.item('B2')).toMatchObject({ ok: false, problem: { code: 'ils-down', retry: 'later' } })
    const back = await startAcs(friendly, { port })
    for (let i = 0; i < 100 && back.accepted === 0; i++) {
      await clock.advance(1_000)
      await tick()
    }
    await back.heard('99')
    for (let i = 0; i < 100 && ils.health().state !== 'up'; i++) await tick()
    expect(ils.health().state).toBe('up')
    expect(ils.health().since).toBeGreaterThan(down)
    expect(code(await ils.item('B3'))).toBe('ok')
    await back.close()
  })

  it('that answers nothing is left alone after five requests, and given one to prove itself', async () => {
    let deaf = true
    const script = but(heard => deaf && heard.command === '17')
    const { ils, acs, clock } = await start(script, {
      profile: { responseTimeoutSeconds: 3, retries: 0, maxConnections: 1 },
    })
    for (let i = 1; i <= 5; i++) {
      const answer = ils.item('B1')
      await acs.heard('17', i)
      await clock.advance(3_000)
      expect(code(await answer)).toBe('ils-no-answer')
    }
    expect(ils.health().state).toBe('down')
    expect(code(await ils.item('B1'))).toBe('ils-down')
    expect(acs.lines.filter(heard => heard.command === '17')).toHaveLength(5)
    deaf = false
    await clock.advance(60_000)
    expect(ils.health().state).toBe('degraded')
    expect(code(await ils.item('B1'))).toBe('ok')
    expect(ils.health().state).toBe('up')
  })

  it('proves itself with one request before the others follow', async () => {
    let deaf = true
    const hold = held()
    const script: Script = (heard, link) => {
      if (!deaf || heard.command !== '17') hold.script(heard, link)
    }
    const { ils, acs, clock } = await start(script, {
      profile: { responseTimeoutSeconds: 3, retries: 0, maxConnections: 3 },
    })
    for (let i = 1; i <= 5; i++) {
      const answer = ils.item('B1')
      await acs.heard('17', i)
      await clock.advance(3_000)
      await answer
    }
    deaf = false
    await clock.advance(60_000)
    const answers = [ils.item('B1'), ils.item('B2'), ils.item('B3')]
    await acs.heard('17', 6)
    for (let i = 0; i < 5; i++) await tick()
    expect(hold.waiting).toHaveLength(1)
    hold.release()
    await acs.heard('17', 8)
    hold.release()
    expect((await Promise.all(answers)).map(code)).toEqual(['ok', 'ok', 'ok'])
  })

  it('that refuses the login is not pestered', async () => {
    const script: Script = ({ command }, link) => {
      if (command === '93') link.answer('940AF密码错误|')
    }
    const { ils, acs } = await start(script)
    expect(await ils.item('B1')).toMatchObject({
      ok: false,
      problem: { code: 'ils-down', their: { code: 'ils-login-refused' } },
    })
    expect(code(await ils.item('B2'))).toBe('ils-down')
    expect(acs.accepted).toBe(1)
    expect(ils.health()).toMatchObject({ state: 'down', say: { zh: '图书馆系统拒绝了本系统的登录。' } })
  })

  it('that takes no connection in time counts as away', async () => {
    const deaf = createServer(() => {})
    await new Promise<void>(resolve => deaf.listen(0, '127.0.0.1', resolve))
    const address = deaf.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { ils, clock } = await start(friendly, {
      port,
      profile: { login: 'telnet' },
      deadlineSeconds: { person: 90, work: 90 },
    })
    const answer = ils.item('B1').then(code)
    for (let i = 0; i < 60 && (await Promise.race([answer, tick()])) === 'waiting'; i++)
      await clock.advance(5_000)
    expect(await answer).toBe('ils-down')
    deaf.close()
  })

  it('by plan is not tried in its closed hours, also across midnight', async () => {
    const { ils, acs, clock } = await start(friendly, { closedHours: [{ from: '23:00', to: '01:30' }] })
    expect(code(await ils.item('B1'))).toBe('ok')
    clock.jump(Date.parse('2026-11-22T15:00:00Z'))
    expect(await ils.item('B1')).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable', code: 'ils-closed', retry: 'later' },
    })
    expect(ils.health().state).toBe('closed-hours')
    clock.jump(Date.parse('2026-11-22T17:29:00Z'))
    expect(code(await ils.item('B1'))).toBe('ils-closed')
    clock.jump(Date.parse('2026-11-22T17:30:00Z'))
    expect(code(await ils.item('B1'))).toBe('ok')
    expect(acs.lines.filter(heard => heard.command === '17')).toHaveLength(2)
  })
})

describe('asking after a loss', () => {
  it('trusts no connection that was open before it', async () => {
    const hold = held()
    let lose = false
    const script: Script = (heard, link) => {
      if (heard.command === '11') link.reset()
      else if (lose) friendly(heard, link)
      else hold.script(heard, link)
    }
    const { ils, acs, clock } = await start(script, { profile: { maxConnections: 3 } })
    const both = [ils.item('B1'), ils.item('B2')]
    await acs.heard('17', 2)
    hold.release()
    await Promise.all(both)
    expect(acs.open).toBe(2)
    lose = true
    await clock.advance(1_000)
    await ils.checkout({ ...act, card: 'R', barcode: 'B', at: 0 })
    const lost = acs.lines.findIndex(heard => heard.command === '11')
    expect(acs.lines.slice(lost + 1).map(heard => heard.command)).toEqual(['93', '99', '17', '63'])
    expect(acs.lines.slice(lost + 1).every(heard => heard.connection === 3)).toBe(true)
    await acs.openIs(1)
  })
})

describe('the end', () => {
  it('lets what is under way finish, refuses the rest, and closes', async () => {
    const hold = held()
    const { ils, acs } = await start(hold.script, { profile: { maxConnections: 1 } })
    const first = ils.item('first')
    await acs.heard('17')
    const waiting = ils.item('second')
    const closing = ils.close()
    expect(code(await waiting)).toBe('ils-stopping')
    expect(code(await ils.item('third'))).toBe('ils-stopping')
    hold.release()
    expect(code(await first)).toBe('ok')
    await closing
    await acs.openIs(0)
  })
})

describe('what the library system says it serves', () => {
  it('is heeded: what it denies is not sent', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '99') return false
      link.answer(status98().replace('BXYYYYYYYYYYYYYYYY', 'BXYYYYYYYYYNYYYNYY'))
      return true
    })
    const { ils, acs } = await start(script)
    await ils.item('B1')
    const hold = { ...act, card: 'R', barcode: 'B', at: 0 }
    expect(await ils.placeHold(hold)).toMatchObject({
      ok: false,
      problem: { kind: 'refused', code: 'ils-not-served' },
    })
    expect(await ils.payFee({ ...act, card: 'R', amount: 100, at: 0 })).toMatchObject({
      ok: false,
      problem: { code: 'ils-not-served' },
    })
    expect(code(await ils.checkout(hold))).toBe('ok')
    expect(acs.lines.map(heard => heard.command)).toEqual(['93', '99', '17', '11'])
  })

  it('is only a hint: a short mask denies nothing, and a profile may pay no heed', async () => {
    const mask = (bx: string): Script =>
      but((heard, link) => {
        if (heard.command !== '99') return false
        link.answer(status98().replace('BXYYYYYYYYYYYYYYYY', `BX${bx}`))
        return true
      })
    const short = await start(mask('YYY'))
    await short.ils.item('B1')
    expect(code(await short.ils.placeHold({ ...act, card: 'R', barcode: 'B', at: 0 }))).toBe('ok')
    await short.end()
    const deaf = await start(mask('N'.repeat(16)), { profile: { heedSupported: false } })
    await deaf.ils.item('B1')
    expect(code(await deaf.ils.item('B2'))).toBe('ok')
  })
})

describe('other ways in', () => {
  it('a telnet log-in comes before the first message', async () => {
    let step = 0
    const script: Script = (heard, link) => {
      if (step === 0) {
        expect(heard.line).toBe('gateway')
        link.raw('\r\nPassword: ')
      } else if (step === 1) {
        expect(heard.line).toBe('hunter2')
        link.raw('\r\nLogin OK.  Initiating SIP\r\n')
      } else friendly(heard, link)
      step++
    }
    const { ils, acs, transcript } = await start(
      script,
      { profile: { login: 'telnet' } },
      { greeting: 'Welcome\r\nlogin: ' },
    )
    expect(code(await ils.item('B1'))).toBe('ok')
    expect(acs.lines.map(heard => heard.line.slice(0, 2))).toEqual(['ga', 'hu', '99', '17'])
    expect(transcript()).not.toContain('hunter2')
  })

  it('a telnet log-in that is refused is told as such', async () => {
    let step = 0
    const script: Script = (_, link) => link.raw(step++ === 0 ? 'Password: ' : 'Login incorrect\r\nlogin: ')
    const { ils } = await start(script, { profile: { login: 'telnet' } }, { greeting: 'login: ' })
    expect(await ils.item('B1')).toMatchObject({
      ok: false,
      problem: { their: { code: 'ils-login-refused' } },
    })
  })

  it('a look at the link tells what the library system says of itself', async () => {
    const { ils } = await start(friendly)
    expect(await ils.check()).toMatchObject({
      ok: true,
      value: {
        online: true,
        institution: 'LIB',
        version: '2.00',
        timeout: 60_000,
        retries: 3,
        supported: 'Y'.repeat(16),
      },
    })
  })
})

/** Some turns of the event loop, so that sockets get on; resolves to `waiting` for races. */
async function tick(): Promise<'waiting'> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
  return 'waiting'
}
