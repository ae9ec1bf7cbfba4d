import { createHash, timingSafeEqual } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import type { Courier, ReadsPushes, Sighting } from '../../../adapters/couriers/courier.ts'
import { can } from '../../../kernel/power.ts'
import { asProblem, ProblemError } from '../../../kernel/problem.ts'
import type { Deps, Routes } from '../deps.ts'
import { notFound } from '../problem.ts'

export interface HookDeps extends Deps {
  /** Couriers that push, each behind its own unguessable address. */
  readonly couriers: readonly { readonly secret: string; readonly courier: Courier }[]
  /** Keeps what a carrier saw; resolves when it is stored. Rejects when the carrier must send it again. */
  readonly sighted: (courier: Courier, sighting: Sighting) => Promise<void>
}

const push = createRoute({
  method: 'post',
  path: '/hooks/{secret}',
  tags: ['hooks'],
  summary: 'Where a carrier pushes what it saw; the address is its secret',
  request: { params: z.object({ secret: z.string().max(128) }) },
  responses: { 200: { description: 'taken, said in the carrier’s own words' } },
})

/** Webhooks of carriers: stored before they are acknowledged; not stored means that they come again. */
export const hookRoutes =
  (deps: HookDeps): Routes =>
  app => {
    app.openapi(push, async c => {
      const courier = bySecret(deps.couriers, c.req.param('secret'))
      if (!courier || !can(courier, 'readPush')) throw new ProblemError(notFound)
      const carrier = courier as Courier & ReadsPushes
      const read = carrier.readPush(await c.req.text(), c.req.header('Content-Type') ?? '')
      const taken = read.ok && (await keepAll(deps, courier, read.value))
      if (!read.ok)
        deps.log.warn({ courier: courier.name, code: read.problem.code }, 'a push could not be read')
      const { body, contentType, status } = carrier.ack(taken)
      return c.body(body, status as 200, { 'Content-Type': contentType })
    })
  }

const keepAll = async (
  deps: HookDeps,
  courier: Courier,
  sightings: readonly Sighting[],
): Promise<boolean> => {
  for (const sighting of sightings) {
    try {
      await deps.sighted(courier, sighting)
    } catch (thrown) {
      const { code } = asProblem(thrown)
      deps.log.error(
        { courier: courier.name, code },
        'a sighting was not stored; the carrier will send it again',
      )
      return false
    }
  }
  return true
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in constant time, whatever the lengths. */
const bySecret = (couriers: HookDeps['couriers'], secret: string): Courier | undefined => {
  let found: Courier | undefined
  for (const one of couriers) if (timingSafeEqual(digest(one.secret), digest(secret))) found = one.courier
  return found
}
