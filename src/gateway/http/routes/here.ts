import { createRoute } from '@hono/zod-openapi'
import { orThrow, type Problem } from '../../../kernel/problem.ts'
import { loansOf } from '../../bindings/here.ts'
import { fullWords } from '../../bindings/here-words.ts'
import type { Here, Lockers } from '../../lockers/lockers.ts'
import type { KioskAnswer } from '../../lockers/ports.ts'
import {
  actedHere,
  againHere,
  arrival,
  type HereJson,
  maybeHere,
  openHere,
  phoneCorner,
  returnHere,
} from '../api/here.ts'
import { kioskConfirm } from '../api/staff.ts'
import { counted } from '../card-check.ts'
import { type Ctx, type Deps, device, type Reader, type Routes, reader } from '../deps.ts'
import { answerJson } from './kiosk.ts'
import { body, json, refusals } from './shape.ts'

export interface HereDeps extends Deps {
  readonly lockers: Lockers
}

const tags = ['reader']
const path = '/api/me/here' as const
const where = createRoute({
  method: 'get',
  path,
  tags,
  summary: 'The cabinet before which the reader stands, what is inside for them, and the open door',
  responses: { 200: json(maybeHere, 'null while nobody has scanned a screen'), ...refusals },
})
const arrive = createRoute({
  method: 'post',
  path,
  tags,
  summary: 'The code on a cabinet’s screen was scanned; each code counts once and for a minute at most',
  request: body(arrival),
  responses: { 200: json(maybeHere, 'what is here for the reader'), ...refusals },
})
const leave = createRoute({
  method: 'delete',
  path,
  tags,
  summary: 'The reader is done; the screen serves the next one',
  responses: { 204: { description: 'left' }, ...refusals },
})
const acted = { 200: json(actedHere, 'what the door did'), ...refusals }
const open = createRoute({
  method: 'post',
  path: `${path}/open`,
  tags,
  summary: 'Open the door before an own parcel',
  request: body(openHere),
  responses: acted,
})
const giveBack = createRoute({
  method: 'post',
  path: `${path}/return`,
  tags,
  summary: 'Open a free door for an own loan',
  request: body(returnHere),
  responses: acted,
})
const again = createRoute({
  method: 'post',
  path: `${path}/again`,
  tags,
  summary: 'The same door once more, another door, or staff',
  request: body(againHere),
  responses: acted,
})
const confirm = createRoute({
  method: 'post',
  path: `${path}/confirm`,
  tags,
  summary: 'The reader says that the door is closed',
  request: body(kioskConfirm),
  responses: acted,
})
const corner = createRoute({
  method: 'get',
  path: '/api/kiosk/phone',
  tags: ['kiosk'],
  summary: 'The QR code for phones, new every half minute, and whether somebody is served by phone',
  responses: { 200: json(phoneCorner, 'what the screen shows'), ...refusals },
})
const next = createRoute({
  method: 'post',
  path: '/api/kiosk/next-phone',
  tags: ['kiosk'],
  summary: 'The next one wants to be served by phone, and no door is open for the last',
  responses: { 204: { description: 'noted' }, ...refusals },
})

/** Ours, but over or used: nobody is guessing, so it does not count as a wrong try. */
const guessed = (problem: Problem): boolean => problem.code === 'no-here-code'

/** What a reader does before a cabinet by phone: a session, and a code that was on its screen a moment ago. */
export const hereRoutes =
  (deps: HereDeps): Routes =>
  app => {
    const { lockers, libraries, store } = deps
    const json = async (who: Reader, seen: Here | undefined): Promise<HereJson | null> => {
      if (!seen) return null
      const { name, place, libraryId } = libraries.locker(seen.lockerId)
      const { online } = await lockers.summary(seen.lockerId)
      const time = (at: number) => libraries.time(who.libraryId, at)
      const { visit } = seen
      const shown = visit && {
        id: visit.id,
        errand: visit.errand,
        state: visit.state,
        done: visit.done,
        door: visit.door,
        label: visit.label,
        titles: [...visit.titles],
        say: visit.say,
        endedAt: visit.endedAt === null ? null : time(visit.endedAt),
      }
      return {
        locker: { id: seen.lockerId, name, place, phone: libraries.get(libraryId).phone, online },
        until: time(seen.until),
        parcels: seen.parcels.map(one => ({ ...one, titles: [...one.titles] })),
        loans: (await loansOf(store.db, who)).map(one => ({ ...one })),
        visit: shown,
      }
    }
    const after = async (who: Reader, answer: KioskAnswer) => ({
      answer: answerJson(answer),
      here: await json(who, await lockers.here(who)),
    })

    app.openapi(where, async c => {
      const who = reader(c)
      c.header('Cache-Control', 'no-store')
      return c.json({ here: await json(who, await lockers.here(who)) }, 200)
    })
    app.openapi(arrive, async c => {
      const who = reader(c)
      const { code } = c.req.valid('json')
      const seen = await counted(
        c as Ctx,
        deps,
        'here-code',
        `${who.libraryId} ${who.patronId}`,
        async () => {
          const answer = await lockers.arrive(who, code)
          if (answer.ok) return { right: answer.value }
          return guessed(answer.problem) ? { wrong: answer.problem } : { told: answer.problem }
        },
      )
      return c.json({ here: await json(who, seen) }, 200)
    })
    app.openapi(leave, async c => {
      await lockers.leave(reader(c))
      return c.body(null, 204)
    })
    app.openapi(open, async c => {
      const who = reader(c)
      return c.json(await after(who, await lockers.openHere(who, c.req.valid('json').parcel)), 200)
    })
    app.openapi(giveBack, async c => {
      const who = reader(c)
      const wanted = c.req.valid('json')
      const own = (await loansOf(store.db, who)).find(
        one => one.lineId === wanted.lineId && one.orderId === wanted.orderId,
      )
      const seen = await lockers.here(who)
      const answer = await lockers.returnHere(who, own ?? { orderId: '', lineId: '' })
      return c.json(await after(who, seen ? await fullWords(deps, seen.lockerId, answer) : answer), 200)
    })
    app.openapi(again, async c => {
      const who = reader(c)
      const { visit, how } = c.req.valid('json')
      return c.json(await after(who, await lockers.againHere(who, visit, how)), 200)
    })
    app.openapi(confirm, async c => {
      const who = reader(c)
      return c.json(await after(who, await lockers.confirmHere(who, c.req.valid('json').visit)), 200)
    })
    app.openapi(corner, async c => {
      const { code, renewIn, served } = orThrow(await lockers.phoneCorner(device(c).lockerId))
      const base = (deps.publicUrl ?? '').replace(/\/$/, '')
      c.header('Cache-Control', 'no-store')
      return c.json(
        {
          url: code === null ? null : `${base}/#/here/${code}`,
          renewIn: Math.ceil(renewIn / 1000),
          served: served && { label: served.label, visit: served.visit },
        },
        200,
      )
    })
    app.openapi(next, async c => {
      await lockers.nextPhone(device(c).lockerId)
      return c.body(null, 204)
    })
  }
