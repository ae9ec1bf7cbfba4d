import { createRoute, z } from '@hono/zod-openapi'
import { type Answer, orThrow, type Problem } from '../../../kernel/problem.ts'
import type { Contents } from '../../../lockers/compartments.ts'
import { fullWords } from '../../bindings/here-words.ts'
import { closesSoon } from '../../lockers/closing.ts'
import type { Lockers } from '../../lockers/lockers.ts'
import type { KioskState } from '../../lockers/picture.ts'
import type { KioskAnswer } from '../../lockers/ports.ts'
import {
  type KioskAnswerJson,
  type KioskStateJson,
  kioskAgain,
  kioskAnswer,
  kioskCollect,
  kioskConfirm,
  kioskDeposit,
  kioskReturn,
  kioskState,
} from '../api/staff.ts'
import { actorOf, type Deps, device, type Routes } from '../deps.ts'
import { body, json, refusals } from './shape.ts'

export interface KioskDeps extends Deps {
  readonly lockers: Lockers
  /** The loan behind a scanned barcode or a reader's QR code; a refusal says in plain words why there is none. */
  readonly loanOf: (code: string) => Promise<Answer<{ libraryId: string; orderId: string; lineId: string }>>
  /** The parcel behind a scanned label or barcode, meant for this locker. */
  readonly parcelFor: (
    lockerId: string,
    code: string,
  ) => Promise<Answer<Contents & { readonly accessible: boolean }>>
  /** The librarian or courier of a badge; refused when there is none. */
  readonly badge: (libraryId: string, badge: string) => Promise<Answer<{ actor: string }>>
}

const state = createRoute({
  method: 'get',
  path: '/api/kiosk/state',
  tags: ['kiosk'],
  summary: 'The cabinet’s drawing, and what became of a visit',
  request: { query: z.object({ visit: z.string().max(64).optional() }) },
  responses: { 200: json(kioskState, 'the cabinet'), ...refusals },
})
const act = <T extends z.ZodType>(name: string, schema: T, summary: string) =>
  createRoute({
    method: 'post',
    path: `/api/kiosk/${name}`,
    tags: ['kiosk'],
    summary,
    request: body(schema),
    responses: { 200: json(kioskAnswer, 'what the screen shows'), ...refusals },
  })
const collect = act('collect', kioskCollect, 'Collect with a pick-up code or its QR code')
const giveBack = act('return', kioskReturn, 'Return a loan: scan the item or show its QR code')
const confirm = act('confirm', kioskConfirm, 'The person says that the door is closed')
const deposit = act('deposit', kioskDeposit, 'Staff or courier put a parcel in')
const again = act('again', kioskAgain, 'The same door once more, another door, or staff')

/** What the locker's screen does. The device key says which locker it is; nothing else opens a door here. */
export const kioskRoutes =
  (deps: KioskDeps): Routes =>
  app => {
    const { lockers } = deps
    app.openapi(state, async c => {
      const { lockerId } = device(c)
      const known = orThrow(await lockers.kioskState(lockerId, c.req.valid('query').visit))
      const { hours, libraryId } = deps.libraries.locker(lockerId)
      const shutsAt = closesSoon(hours, deps.clock.now())
      const closesAt = shutsAt === undefined ? null : deps.libraries.time(libraryId, shutsAt)
      return c.json(stateJson(known, closesAt), 200)
    })
    app.openapi(collect, async c => {
      const who = device(c)
      return c.json(
        answerJson(await lockers.collect(who.lockerId, c.req.valid('json').code, actorOf(who))),
        200,
      )
    })
    app.openapi(giveBack, async c => {
      const who = device(c)
      const loan = await deps.loanOf(c.req.valid('json').code)
      if (!loan.ok) return c.json(refusalJson(loan.problem), 200)
      const answer = await lockers.giveBack({ ...loan.value, lockerId: who.lockerId, actor: actorOf(who) })
      return c.json(answerJson(await fullWords(deps, who.lockerId, answer)), 200)
    })
    app.openapi(confirm, async c =>
      c.json(answerJson(await lockers.confirm(device(c).lockerId, c.req.valid('json').visit)), 200),
    )
    app.openapi(deposit, async c => {
      const who = device(c)
      const { badge, code } = c.req.valid('json')
      const person = await deps.badge(who.libraryId, badge)
      if (!person.ok) return c.json(refusalJson(person.problem), 200)
      const parcel = await deps.parcelFor(who.lockerId, code)
      if (!parcel.ok) return c.json(refusalJson(parcel.problem), 200)
      const answer = await lockers.deposit({
        ...parcel.value,
        lockerId: who.lockerId,
        actor: person.value.actor,
      })
      return c.json(answerJson(answer), 200)
    })
    app.openapi(again, async c => {
      const who = device(c)
      const { visit, how } = c.req.valid('json')
      return c.json(answerJson(await lockers.again(who.lockerId, visit, how, actorOf(who))), 200)
    })
  }

/** The answer without what is only for logs. */
export const answerJson = ({ signal, say, compartment, titles, visit }: KioskAnswer): KioskAnswerJson => ({
  signal,
  say,
  compartment,
  titles: [...titles],
  visit,
})

const refusalJson = (problem: Problem): KioskAnswerJson => ({
  signal: 'no',
  say: problem.say,
  compartment: null,
  titles: [],
  visit: null,
})

const stateJson = ({ locker, compartments, visit }: KioskState, closesAt: string | null): KioskStateJson => ({
  locker: { ...locker, closesAt },
  compartments: compartments.map(one => ({ ...one })),
  visit,
})
