import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AdmissionRequest, LoanNotice } from '../../../../src/adapters/credit/credit.ts'
import type { ZhimaSettings } from '../../../../src/adapters/credit/zhima/messages.ts'
import { createZhima } from '../../../../src/adapters/credit/zhima/zhima.ts'
import { createHttp } from '../../../../src/adapters/http.ts'
import { ManualClock } from '../../../../src/kernel/clock.ts'
import type { Problem } from '../../../../src/kernel/problem.ts'
import { ringTranscript } from '../../../../src/kernel/transcript.ts'
import {
  type AlipayPerson,
  alipayKeyPairs,
  type SandboxAlipay,
  startSandboxAlipay,
} from '../../../../src/sandbox/alipay/alipay.ts'
import { until } from '../../../harness/until.ts'

const agent = new Agent()
const { app, platform } = alipayKeyPairs()
const clock = new ManualClock('2026-11-02T01:00:00Z')
const people: AlipayPerson[] = [
  { name: '测试甲', idNumber: '110101190001010014', openId: 'open-a', score: 701 },
  { name: '测试乙', idNumber: '110101190001020028', score: 549 },
  { name: '测试丙', idNumber: '110101190001030031' },
]
let sandbox: SandboxAlipay
let transcript: ReturnType<typeof ringTranscript>
let question = 0
beforeEach(async () => {
  transcript = ringTranscript(100)
  sandbox = await startSandboxAlipay({
    clock,
    people,
    appId: '2021000000000001',
    appPublicKey: app.publicKey,
    keys: platform,
  })
})
afterEach(() => sandbox.close())

const zhima = (more: Partial<ZhimaSettings> = {}) =>
  createZhima(
    {
      appId: '2021000000000001',
      privateKey: app.privateKey,
      alipayPublicKey: platform.publicKey,
      gateway: sandbox.url,
      serviceId: '2019000000000000000000000000',
      ...more,
    },
    { clock, peer: createHttp({ agent, clock, transcript: transcript.take }).peer('zhima') },
  )
const about = (person: AlipayPerson, more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  key: `Q${++question}`,
  person: { kind: 'identity-card', name: person.name, number: person.idNumber },
  threshold: 550,
  ...more,
})
const loan: LoanNotice = {
  key: 'L1',
  borrowedAt: Date.parse('2026-11-02T01:00:00Z'),
  dueAt: Date.parse('2026-12-02T15:59:59Z'),
  items: [
    { id: '3101', title: '红楼梦 / 曹雪芹' },
    { id: '3102', title: '"平凡"的世界' },
  ],
}
const problemOf = (answer: { ok: boolean }): Problem =>
  (answer as { problem: Problem } & { ok: false }).problem

describe('admission', () => {
  it.each([
    [people[0]!, 'yes'],
    [people[1]!, 'no'],
    [people[2]!, 'unknown'],
    [{ name: '没有账户', idNumber: '110101190001040045' }, 'unknown'],
  ] as const)('of person %# is told as an outcome', async (person, outcome) => {
    const answer = await zhima().admit(about(person))
    expect(answer).toEqual({
      ok: true,
      value: { outcome, reference: expect.stringMatching(/^ZM\d{31}$/), at: clock.now() },
    })
  })

  it('can be asked for a user of the platform', async () => {
    const answer = await zhima().admit(
      about(people[0]!, { person: { kind: 'platform-user', openId: 'open-a' } }),
    )
    expect(answer).toMatchObject({ ok: true, value: { outcome: 'yes' } })
  })

  it('asked twice with one key is one query within a day, and an error after it', async () => {
    const same = about(people[0]!)
    const first = await zhima().admit(same)
    expect(await zhima().admit(same)).toEqual(first)
    clock.jump(clock.now() + 86_400_001)
    expect(problemOf(await zhima().admit(same))).toMatchObject({
      kind: 'refused',
      their: { code: 'TRANSACTION_ID_EXPIRED' },
    })
  })

  it('tries once more when the platform is busy, with the same key', async () => {
    sandbox.fail('*', { kind: 'busy' })
    expect(await zhima().admit(about(people[0]!))).toMatchObject({ ok: true })
    expect(sandbox.calls.map(call => call.code)).toEqual(['20000', '10000'])
  })

  it('is unreachable when the platform stays busy', async () => {
    sandbox.fail('*', { kind: 'busy' }, 2)
    expect(problemOf(await zhima().admit(about(people[0]!)))).toMatchObject({
      kind: 'unreachable',
      retry: 'later',
    })
    expect(sandbox.calls).toHaveLength(2)
  })

  it('survives an answer that was lost: the second try gets the first result', async () => {
    sandbox.fail('*', { kind: 'acted-cut' })
    expect(await zhima().admit(about(people[0]!))).toMatchObject({
      value: { outcome: 'yes', reference: expect.stringMatching(/1$/) },
    })
  })

  it('does not believe an answer with a wrong signature, with none, or signed by somebody else', async () => {
    sandbox.fail('*', { kind: 'unsigned' })
    expect(problemOf(await zhima().admit(about(people[0]!)))).toMatchObject({ code: 'credit-bad-signature' })
    sandbox.fail('*', { kind: 'wrong-signature' })
    expect(problemOf(await zhima().admit(about(people[0]!)))).toMatchObject({ code: 'credit-bad-signature' })
    const stranger = zhima({ alipayPublicKey: app.publicKey })
    expect(problemOf(await stranger.admit(about(people[0]!)))).toMatchObject({ code: 'credit-bad-signature' })
  })

  it('gives up at its deadline when the platform is slow', async () => {
    sandbox.fail('*', { kind: 'slow', by: 60_000 }, 2)
    const answer = zhima().admit(about(people[0]!))
    for (let tries = 1; tries <= 2; tries++) {
      await until(() => sandbox.calls.length === tries)
      await clock.advance(5000)
    }
    expect(problemOf(await answer)).toMatchObject({ code: 'deadline-passed' })
  })

  it.each([
    [{ privateKey: platform.privateKey }, 'isv.invalid-signature'],
    [{ appId: '1' }, 'isv.invalid-app-id'],
  ])('tells wrong settings (%#) as such', async (settings, code) => {
    expect(problemOf(await zhima(settings).admit(about(people[0]!)))).toMatchObject({
      kind: 'misconfigured',
      retry: 'never',
      their: { code },
    })
  })

  it('refuses questions the platform would not take, without asking', async () => {
    for (const wrong of [{ threshold: 300 }, { threshold: 600.5 }, { key: 'a-b' }, { key: 'x'.repeat(65) }])
      expect(problemOf(await zhima().admit(about(people[0]!, wrong)))).toMatchObject({
        code: 'credit-question-malformed',
      })
    expect(sandbox.calls).toHaveLength(0)
  })

  it('leaves nobody in transcripts and problems, not even when the platform repeats our request', async () => {
    const person = people[0]!
    const answers = [
      await zhima().admit(about(person)),
      await zhima({ privateKey: platform.privateKey }).admit(about(person)),
      await zhima({ productCode: 'wrong' }).admit(about(person)),
      await zhima({ privateKey: platform.privateKey }).admit(about({ ...person, name: 'O’Test & "Son"' })),
    ]
    const seen = JSON.stringify([transcript.lines(), answers])
    expect(seen).not.toContain(person.name)
    expect(seen).not.toContain(person.idNumber)
    expect(seen).not.toContain('O’Test')
    expect(transcript.lines().map(line => line.text)).toContain('200 40002 isv.invalid-signature')
    expect(JSON.stringify(transcript.lines())).not.toMatch(/is_admittance|"Y"/)
  })
})

describe('the life of a loan', () => {
  it('is told: borrowed, then returned', async () => {
    expect(await zhima().recordLoan(loan)).toEqual({ ok: true, value: undefined })
    expect(sandbox.contracts()).toMatchObject([
      { status: 'SIGNED', borrowed: ['3101', '3102'], returned: [] },
    ])
    expect(await zhima().recordReturn({ ...loan, items: [loan.items[0]!] })).toMatchObject({ ok: true })
    expect(await zhima().recordReturn({ ...loan, items: [loan.items[1]!] })).toMatchObject({ ok: true })
    expect(sandbox.contracts()).toMatchObject([{ returned: ['3101', '3102'], overdue: false }])
  })

  it.each(['recordLoan', 'recordReturn'] as const)(
    '%s is done once although its answer was lost and it is told again',
    async what => {
      if (what === 'recordReturn') await zhima().recordLoan(loan)
      sandbox.fail('*', { kind: 'acted-cut' }, 1)
      expect(await zhima()[what](loan)).toMatchObject({ ok: true })
      expect(await zhima()[what](loan)).toMatchObject({ ok: true })
      expect(sandbox.contracts()).toHaveLength(1)
    },
  )

  it('is not taken for told while the platform cannot be reached', async () => {
    sandbox.fail('*', { kind: 'http-500' }, 2)
    expect(problemOf(await zhima().recordLoan(loan))).toMatchObject({ kind: 'unreachable', maybeDone: true })
    expect(await zhima().recordLoan(loan)).toMatchObject({ ok: true })
  })

  it('a return of something never lent stays a refusal', async () => {
    expect(problemOf(await zhima().recordReturn(loan))).toMatchObject({
      kind: 'refused',
      code: 'credit-refused',
    })
  })

  it('a return that was never told is a false black mark: the platform calls it overdue', async () => {
    await zhima().recordLoan(loan)
    clock.jump(loan.dueAt + 1)
    expect(sandbox.contracts()[0]).toMatchObject({ overdue: true })
    await zhima().recordReturn(loan)
    expect(sandbox.contracts()[0]).toMatchObject({ overdue: false })
  })

  it('is written under the names that the contract of the service gives', async () => {
    const renamed = { subjectNames: { id: 'unique_id', type: 'type', name: 'title' } }
    expect(problemOf(await zhima(renamed).recordLoan(loan))).toMatchObject({
      kind: 'refused',
      their: { code: 'INVALID_PARAMETER', text: expect.stringContaining('subjects_borrowed') },
    })
  })
})
