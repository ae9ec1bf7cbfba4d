import { createHash, timingSafeEqual } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import type { Courier, ReadsPushes } from '../../../adapters/couriers/courier.ts'
import { asProblem, ProblemError } from '../../../kernel/problem.ts'
import type { HearsPushes, Push } from '../../../lockers/locker.ts'
import type { Pushes } from '../../couriers/pushes.ts'
import type { Deps, Routes } from '../deps.ts'
import { notFound } from '../problem.ts'

/** A carrier that pushes, and the last part of the address it was given. */
export interface CourierHook {
  readonly secret: string
  readonly courier: Pick<Courier, 'name'> & ReadsPushes
}
/** A line of lockers whose cloud pushes; it knows the push by its signature, beyond the address. */
export interface LockerHook {
  readonly secret: string
  readonly line: string
  readonly driver: Pick<HearsPushes, 'hear'>
}
export interface HookDeps extends Pick<Deps, 'log'> {
  readonly hooks: readonly CourierHook[]
  readonly lockerHooks?: readonly LockerHook[]
  readonly pushes: Pushes
}

const push = createRoute({
  method: 'post',
  path: '/hooks/{secret}',
  tags: ['hooks'],
  summary: 'Where a carrier or a cloud of lockers pushes what it saw; the address is its secret',
  request: { params: z.object({ secret: z.string() }) },
  responses: {
    200: {
      description: 'taken, or asked for again, in the carrier’s own words; a cloud is told by the status',
    },
  },
})

/**
 * POST /hooks/{secret}: what carriers and clouds of lockers push. The address is the proof, for clouds the signature is
 * another; a wrong address is answered like any page that is not there. Acknowledged in the other side's own form, after
 * it has been written down.
 */
export const hookRoutes = ({ hooks, lockerHooks = [], pushes, log }: HookDeps): Routes => {
  const known = [...hooks, ...lockerHooks].map(hook => ({ ...hook, hash: hashOf(hook.secret) }))
  return app => {
    app.openapi(push, async c => {
      const given = hashOf(c.req.valid('param').secret)
      // Every one is compared, so that the time tells nothing of which is near.
      const [hook] = known.filter(({ hash }) => timingSafeEqual(hash, given))
      if (!hook) throw new ProblemError(notFound)
      if ('driver' in hook) {
        const push = {
          path: c.req.path,
          body: await c.req.text(),
          header: (name: string) => c.req.header(name),
        }
        return c.body(null, (await hear(hook, push)) as 200)
      }
      const { courier } = hook
      const taken = await take(courier, await c.req.text(), c.req.header('Content-Type') ?? '')
      const { body, contentType, status } = courier.ack(taken)
      return c.body(body, status as 200, { 'Content-Type': contentType })
    })
  }

  async function hear({ line, driver }: LockerHook, push: Push): Promise<number> {
    try {
      const { status, why } = await driver.hear(push)
      if (status !== 200) log.warn({ line, status, why, bytes: push.body.length }, 'a cloud was not heard')
      return status
    } catch (thrown) {
      log.error({ line, error: String(thrown) }, 'a push of a cloud could not be taken in')
      return 503
    }
  }

  /** False: the carrier is asked to push it again. */
  async function take(courier: CourierHook['courier'], body: string, contentType: string): Promise<boolean> {
    const { name } = courier
    const read = courier.readPush(body, contentType)
    if (!read.ok) {
      log.warn({ courier: name, code: read.problem.code, bytes: body.length }, 'a push could not be read')
      return false
    }
    try {
      const { fresh, notOurs } = await pushes.take(name, read.value)
      log.info({ courier: name, sightings: read.value.length, fresh, notOurs }, 'a carrier pushed')
      return true
    } catch (thrown) {
      const { code } = asProblem(thrown)
      log.error({ courier: name, code, error: String(thrown) }, 'a push could not be written down')
      return false
    }
  }
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
