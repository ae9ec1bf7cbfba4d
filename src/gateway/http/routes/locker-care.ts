import { createRoute, z } from '@hono/zod-openapi'
import { type Answer, orThrow, ProblemError } from '../../../kernel/problem.ts'
import { compartmentsText } from '../../../lockers/commission/settings-text.ts'
import type { Lockers } from '../../lockers/lockers.ts'
import { listUsers } from '../../store/users.ts'
import {
  bulkOutcome,
  bulkWish,
  careNotes,
  doorHistory,
  doorService,
  drawing,
  type LockerCareJson,
  lockerCare,
  maintenance,
  settingsYaml,
  settleAlarm,
} from '../api/staff-lockers.ts'
import { actorOf, type Ctx, type Deps, type Routes, staff } from '../deps.ts'
import { forbidden } from '../problem.ts'
import { body, json, refusals } from './shape.ts'

export interface LockerCareDeps extends Deps {
  readonly lockers: Lockers
}

const id = z.object({ id: z.string().max(64) })
const door = id.extend({ compartmentId: z.string().max(64) })
const bulk = id.extend({ bulkId: z.string().max(64), decision: z.enum(['approve', 'refuse']) })
const at = '/api/staff/lockers/{id}'
const done = { 204: { description: 'done' }, ...refusals }

const act = <P extends z.ZodObject, B extends z.ZodType>(path: string, params: P, of: B, summary: string) =>
  createRoute({
    method: 'post',
    path: `${at}${path}`,
    tags: ['staff'],
    summary,
    request: { params, ...body(of) },
    responses: done,
  })

const care = createRoute({
  method: 'get',
  path: `${at}/care`,
  tags: ['staff'],
  summary: 'What is to be looked at at a cabinet',
  request: { params: id },
  responses: { 200: json(lockerCare, 'alarms, notes, maintenance'), ...refusals },
})
const history = createRoute({
  method: 'get',
  path: `${at}/compartments/{compartmentId}/history`,
  tags: ['staff'],
  summary: 'What happened at a door',
  request: { params: door },
  responses: { 200: json(doorHistory, 'newest first'), ...refusals },
})
const settle = act('/alarms/settle', id, settleAlarm, 'Somebody has looked: no alarm any more')
const maintain = act('/maintenance', id, maintenance, 'Begin or end maintenance: nobody but staff is served')
const notes = act('/notes', id, careNotes, 'Free notes: cleaning, battery')
const service = act('/compartments/{compartmentId}/service', door, doorService, 'Take a door out of service')
const wish = act('/bulk', id, bulkWish, 'Ask for many doors at once; a second person must agree')
const decide = createRoute({
  method: 'post',
  path: `${at}/bulk/{bulkId}/{decision}`,
  tags: ['staff'],
  summary: 'The second person: agree, or not',
  request: { params: bulk },
  responses: { 200: json(bulkOutcome, 'how each door went'), ...refusals },
})
const draw = createRoute({
  method: 'post',
  path: `${at}/drawing`,
  tags: ['staff'],
  summary: 'The settings for a changed drawing',
  request: { params: id, ...body(drawing) },
  responses: { 200: json(settingsYaml, 'to be pasted into the settings file'), ...refusals },
})

const historyLength = 100

/** Everything staff do around a cabinet that opens no single door. */
export const lockerCareRoutes =
  (deps: LockerCareDeps): Routes =>
  app => {
    const { lockers, libraries } = deps
    const own = (c: Ctx, lockerId: string) => {
      const who = staff(c)
      const locker = libraries.locker(lockerId)
      if (locker.libraryId !== who.libraryId) throw new ProblemError(forbidden)
      return {
        lockerId,
        locker,
        actor: actorOf(who),
        time: (at: number) => libraries.time(who.libraryId, at),
      }
    }
    /** Staff by their names, to staff of the same library; whoever else acted as the history has it. */
    const namesIn = async (libraryId: string): Promise<(actor: string) => string> => {
      const users = await listUsers(deps.store.db, libraryId)
      return actor => {
        // Which reader came is nobody's business here: the order behind the door says it where it must be known.
        if (actor.startsWith('reader:')) return 'reader'
        return users.find(({ id }) => actor === `staff:${id}`)?.name ?? actor
      }
    }
    const nothing = (c: Ctx, answer: Answer<unknown>) => {
      orThrow(answer)
      return c.body(null, 204)
    }
    app.openapi(care, async c => {
      const { lockerId, locker, actor, time } = own(c, c.req.valid('param').id)
      const [known, alarms, wishes, nameOf] = await Promise.all([
        lockers.care(lockerId),
        lockers.alarms(lockerId),
        lockers.bulkOpenings(lockerId),
        namesIn(locker.libraryId),
      ])
      const { sanitary, battery, noted, turnedAt } = known
      const shown: LockerCareJson = {
        maintenance: known.maintenance && {
          reason: known.maintenance.reason,
          by: nameOf(known.maintenance.by),
          at: time(known.maintenance.at),
        },
        sanitary,
        battery,
        noted: noted && { by: nameOf(noted.by), at: time(noted.at) },
        turnedAt: turnedAt === null ? null : time(turnedAt),
        alarms: alarms.map(({ compartmentId, label, code, say, since, settles }) => ({
          ...{ compartmentId, label, code, say, settles },
          since: since > 0 ? time(since) : null,
        })),
        bulk: wishes.map(({ id, compartmentIds, reason, askedBy, until }) => ({
          ...{ id, reason, askedBy: nameOf(askedBy) },
          doors: compartmentIds.length,
          mine: askedBy === actor,
          until: time(until),
        })),
      }
      return c.json(shown, 200)
    })
    app.openapi(history, async c => {
      const { id, compartmentId } = c.req.valid('param')
      const { lockerId, locker, time } = own(c, id)
      const nameOf = await namesIn(locker.libraryId)
      const events = await lockers.history(lockerId, { limit: historyLength, compartmentId })
      const items = events.map(({ id, at, kind, actor }) => ({
        id,
        at: time(at),
        kind,
        actor: nameOf(actor),
      }))
      return c.json({ items }, 200)
    })
    app.openapi(settle, async c => {
      const { lockerId, actor } = own(c, c.req.valid('param').id)
      return nothing(c, await lockers.settleAlarm({ lockerId, actor, ...c.req.valid('json') }))
    })
    app.openapi(maintain, async c => {
      const { lockerId, actor } = own(c, c.req.valid('param').id)
      return nothing(c, await lockers.setMaintenance({ lockerId, actor, ...c.req.valid('json') }))
    })
    app.openapi(notes, async c => {
      const { lockerId, actor } = own(c, c.req.valid('param').id)
      const { sanitary, battery } = c.req.valid('json')
      const given = {
        ...(sanitary === undefined ? {} : { sanitary }),
        ...(battery === undefined ? {} : { battery }),
      }
      return nothing(c, await lockers.noteCare({ lockerId, actor, ...given }))
    })
    app.openapi(service, async c => {
      const { id, compartmentId } = c.req.valid('param')
      const { lockerId, actor } = own(c, id)
      return nothing(c, await lockers.setService({ lockerId, compartmentId, actor, ...c.req.valid('json') }))
    })
    app.openapi(wish, async c => {
      const { lockerId, actor } = own(c, c.req.valid('param').id)
      return nothing(c, await lockers.askBulkOpening({ lockerId, actor, ...c.req.valid('json') }))
    })
    app.openapi(decide, async c => {
      const { id, bulkId, decision } = c.req.valid('param')
      const { lockerId, actor } = own(c, id)
      const about = { lockerId, id: bulkId, actor }
      if (decision === 'approve') {
        const { doors } = orThrow(await lockers.approveBulkOpening(about))
        return c.json({ doors: [...doors] }, 200)
      }
      orThrow(await lockers.refuseBulkOpening(about))
      return c.json({ doors: [] }, 200)
    })
    app.openapi(draw, async c => {
      const { locker } = own(c, c.req.valid('param').id)
      const changed = new Map(c.req.valid('json').doors.map(one => [one.id, one]))
      const compartments = locker.compartments.map(one => ({ ...one, ...changed.get(one.id) }))
      return c.json({ yaml: compartmentsText(locker.id, locker.bus, compartments) }, 200)
    })
  }
