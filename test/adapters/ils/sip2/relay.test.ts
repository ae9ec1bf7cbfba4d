import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { RelayMessage } from '../../../../src/adapters/ils/ils.ts'
import { createSip2Ils } from '../../../../src/adapters/ils/sip2/sip2.ts'
import { ManualClock } from '../../../../src/kernel/clock.ts'
import { seededRandom } from '../../../../src/kernel/ids.ts'
import { type Link, link, oddSite, profileSites, sites } from '../../../contracts/sip2.ts'
import { until } from '../../../harness/until.ts'
import { start } from '../../../sandbox/ils/library.ts'

let site: Link | undefined
afterEach(() => site?.close())

const utc = '20261015   Z013000'
const blank = ' '.repeat(18)
const get = (message: RelayMessage, id: string): string =>
  message.fields.find(([name]) => name === id)?.[1] ?? ''
const act = (key: string, repeated = false) => ({ key, repeated, priority: 'person' as const })
const checkout: RelayMessage = {
  command: '11',
  fixed: { scRenewalPolicy: 'N', noBlock: 'N', date: utc, nbDueDate: blank },
  fields: [
    ['AO', 'KIOSK'],
    ['AA', 'R0001'],
    ['AB', 'B1001'],
    ['AC', 'kiosk secret'],
  ],
}
const checkin: RelayMessage = {
  command: '09',
  fixed: { noBlock: 'N', date: utc, returnDate: utc },
  fields: [
    ['AP', 'GSQ'],
    ['AB', 'B1001'],
  ],
}

describe.each([...sites, oddSite])('a message passed on to $name', dialect => {
  it('is written in the link’s own way, and its answer in the plain one', async () => {
    site = await link(dialect)
    const lent = await site.ils.relay(checkout, act('1'))
    if (!lent.ok) throw new Error(lent.problem.say.en)
    expect(lent.value).toMatchObject({ command: '12', fixed: { ok: '1', date: utc } })
    expect(Temporal.Instant.fromEpochMilliseconds(lent.value.dueAt!).toString()).toMatch(/^2026-11-14T15:59/)
    expect(get(lent.value, 'AJ')).toBe('園林東西：億年之質')
    const back = await site.ils.relay(checkin, act('2'))
    expect(back).toMatchObject({ ok: true, value: { fixed: { ok: '1' } } })
  })

  it('that is refused is answered with the refusal', async () => {
    site = await link(dialect)
    const fields = checkout.fields.map(([id, value]) => [id, id === 'AB' ? 'B4001' : value] as const)
    const answer = await site.ils.relay({ ...checkout, fields }, act('1'))
    expect(answer).toMatchObject({ ok: true, value: { fixed: { ok: '0' } } })
    expect(answer.ok && get(answer.value, 'AF')).not.toBe('')
  })

  it('counts holds that lie ready, whatever the library system counts', async () => {
    site = await link(dialect)
    await site.ils.placeHold({ ...act('h'), card: 'R0001', barcode: 'B2001', at: start })
    const fixed = { language: '019', date: utc, summary: ' '.repeat(10) }
    const answer = await site.ils.relay({ command: '63', fixed, fields: [['AA', 'R0001']] }, act('1'))
    expect(answer.ok && [answer.value.fixed.holdCount, answer.value.fixed.unavailableHoldCount]).toEqual([
      '0000',
      '0001',
    ])
  })

  it.each(['done', 'not-done'] as const)(
    'whose answer is lost is never sent again blindly (%s)',
    async done => {
      site = await link(dialect)
      site.sandbox.faults.set({ on: '11', fault: { kind: 'silence', act: done } })
      let first: Awaited<ReturnType<Link['ils']['relay']>> | undefined
      void site.ils.relay(checkout, act('1')).then(answer => {
        first = answer
      })
      await until(() => (site!.sandbox.heard()['11'] ?? 0) === 1)
      while (!first) {
        await site.clock.advance(1000)
        for (let turn = 0; turn < 50; turn++) await new Promise<void>(resolve => setImmediate(resolve))
      }
      expect(site.sandbox.state.counts().checkout.done).toBe(done === 'done' ? 1 : 0)
      if (done === 'done')
        expect(first).toMatchObject({ ok: true, value: { fixed: { ok: '1' }, foundDone: true } })
      else expect(first).toMatchObject({ ok: false, problem: { maybeDone: true } })
      const second = await site.ils.relay(checkout, act('1', true))
      expect(second).toMatchObject({ ok: true, value: { command: '12', fixed: { ok: '1' } } })
      expect(site.sandbox.state.counts().checkout.done).toBe(1)
    },
  )
})

describe('what is known about a link', () => {
  it('says what is served, and which words belong to it alone', async () => {
    site = await link(profileSites.find(one => one.name === 'the profile dp2')!)
    await site.ils.check()
    expect(['11', '09', '15', '23'].map(command => site!.ils.relaying.serves(command))).toEqual([
      true,
      true,
      false,
      false,
    ])
    for (const command of ['93', '97', '99', '9'])
      expect(await site.ils.relay({ command, fixed: {}, fields: [] }, act('1'))).toMatchObject({
        ok: false,
        problem: { kind: 'misconfigured' },
      })
  })
})

describe('a message that nobody knows', () => {
  const serve = async (answer: (line: string, socket: Socket) => void) => {
    const clock = new ManualClock(start)
    const lines: string[] = []
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.on('data', bytes => {
        for (const line of bytes.toString('utf8').split('\r').filter(Boolean)) {
          lines.push(line)
          answer(line, socket)
        }
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const profile = { login: 'none', sendScStatus: 'never', sendChecksum: false } as const
    const ils = createSip2Ils(
      { name: 't', host: '127.0.0.1', port, profile },
      { clock, random: seededRandom('r') },
    )
    const close = async (): Promise<void> => {
      await ils.close()
      await new Promise<void>(resolve => server.close(() => resolve()))
    }
    return { ils, lines, clock, close }
  }
  const unknown: RelayMessage = {
    command: '41',
    fixed: { text: 'x1' },
    fields: [
      ['ZW', '书名 运河志'],
      ['ZF', 'any'],
    ],
  }

  it('goes through untouched, and so does its answer', async () => {
    const { ils, lines, close } = await serve((_, socket) => socket.write('42ok|ZT1|ZR结果|\r'))
    const answer = await ils.relay(unknown, act('1'))
    expect(lines).toEqual(['41x1|ZW书名 运河志|ZFany|'])
    expect(answer).toMatchObject({
      ok: true,
      value: {
        command: '42',
        fixed: { text: 'ok' },
        fields: [
          ['ZT', '1'],
          ['ZR', '结果'],
        ],
      },
    })
    await close()
  })

  it('that is not answered does not make the library system a dead one, and is sent once', async () => {
    const { ils, lines, clock, close } = await serve((line, socket) => {
      if (line.startsWith('17')) socket.write(`180300012026101${'5'}    093000ABB1|AJ运河志|\r`)
    })
    for (let i = 0; i < 6; i++) {
      let done = false
      void ils.relay(unknown, { ...act(String(i)), within: 5000 }).then(answer => {
        done = true
        expect(answer.ok).toBe(false)
      })
      await until(() => lines.length === i + 1)
      while (!done) await clock.advance(5000)
    }
    expect(ils.health().state).not.toBe('down')
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { title: '运河志' } })
    await close()
  })
})
