import { beforeEach, expect, it } from 'vitest'
import type { Ils } from '../../../src/adapters/ils/ils.ts'
import { createManualIls, type ManualDesk, manualDesk } from '../../../src/adapters/ils/manual.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'

const clock = new ManualClock('2026-10-15T09:30:00+08:00')
const loan = { card: 'R0001', barcode: 'B2001', pin: '8426', at: clock.now() }
const nobody = { patron: async () => undefined, item: async () => undefined }
let tasks: ManualDesk
let ils: Ils
beforeEach(() => {
  tasks = manualDesk(nobody)
  ils = createManualIls({ name: 'by-hand', tasks, clock })
})

it('waits for staff, is asked again and again, and stays one task', async () => {
  for (const repeated of [false, true, true]) {
    const answer = await ils.checkout({ key: 'k1', repeated, ...loan })
    expect(answer).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable', code: 'awaiting-staff', retry: 'later', maybeDone: false },
    })
  }
  expect(tasks.open()).toHaveLength(1)
  expect(ils.health().queue).toBe(1)
})

it('answers what staff read off their screen', async () => {
  await ils.checkout({ key: 'k1', repeated: false, ...loan })
  const done = { kind: 'checkout', title: '运河志', dueText: '2026-11-14' } as const
  tasks.settle('k1', { state: 'done', done })
  expect(await ils.checkout({ key: 'k1', repeated: true, ...loan })).toEqual({
    ok: true,
    value: { barcode: 'B2001', title: '运河志', dueText: '2026-11-14', wasRenewal: false, messages: [] },
  })
  expect(ils.health().queue).toBe(0)
})

it('hands on a refusal in the words staff typed', async () => {
  await ils.renew({ key: 'k1', repeated: false, ...loan })
  tasks.settle('k1', { state: 'refused', reason: '读者证已停用' })
  expect(await ils.renew({ key: 'k1', repeated: true, ...loan })).toMatchObject({
    ok: false,
    problem: { kind: 'refused', retry: 'never', their: { text: '读者证已停用' } },
  })
})

it('keeps the first confirmation', async () => {
  await ils.cancelHold({ key: 'k1', repeated: false, ...loan })
  tasks.settle('k1', { state: 'done', done: { kind: 'cancel-hold' } })
  tasks.settle('k1', { state: 'refused', reason: 'too late' })
  expect(await ils.cancelHold({ key: 'k1', repeated: true, ...loan })).toEqual({ ok: true, value: undefined })
})

it('does not take the confirmation of another kind of task for its own', async () => {
  await ils.checkout({ key: 'k1', repeated: false, ...loan })
  tasks.settle('k1', { state: 'done', done: { kind: 'cancel-hold' } })
  expect(await ils.checkout({ key: 'k1', repeated: true, ...loan })).toMatchObject({
    ok: false,
    problem: { kind: 'misconfigured' },
  })
})

it('never writes a PIN into a task', async () => {
  await ils.checkout({ key: 'k1', repeated: false, ...loan })
  await ils.placeHold({ key: 'k2', repeated: false, ...loan })
  await ils.cancelHold({ key: 'k3', repeated: false, ...loan })
  expect(tasks.open()).toHaveLength(3)
  expect(JSON.stringify(tasks.open())).not.toContain(loan.pin)
})

it('never passes a PIN on when it looks a card up', async () => {
  const seen: unknown[] = []
  const asking = createManualIls({
    name: 'by-hand',
    clock,
    tasks: manualDesk({
      ...nobody,
      patron: async query => {
        seen.push(query)
        return undefined
      },
    }),
  })
  await asking.patron({ card: 'R0001', pin: '8426', list: 'charged' })
  expect(seen).toEqual([{ card: 'R0001', list: 'charged' }])
})
