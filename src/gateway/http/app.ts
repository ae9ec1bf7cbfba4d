import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { type Problem, ProblemError } from '../../kernel/problem.ts'
import { addressOf, guard, matchedRow, rowOf } from './auth.ts'
import type { App, Deps, HttpEnv, Routes, Who } from './deps.ts'
import { answerProblem, invalidRequest, notFound, overloaded } from './problem.ts'

/** Requests under way at once, streams not counted; beyond it the gateway refuses instead of growing. */
const atOnce = 500
const bodyMax = 64 * 1024
const hookBodyMax = 512 * 1024

/** The app with its modules. Throws when a module registers a route that `routes.ts` does not list. */
export const createApp = (deps: Deps, modules: readonly Routes[]): App => {
  const app: App = new OpenAPIHono<HttpEnv>({
    defaultHook: (result, c) => {
      if (result.success) return
      const errors = result.error.issues.map(i => ({ path: i.path.join('.'), message: i.message }))
      return answerProblem(c, new ProblemError(invalidRequest), () => {}, errors)
    },
  })
  const told = (problem: Problem, thrown: unknown): void =>
    deps.log.error({ code: problem.code, error: describe(thrown) }, 'a request failed')
  app.onError((error, c) => answerProblem(c, error, told))
  app.notFound(c => answerProblem(c, new ProblemError(notFound), told))
  app.use(identified(deps), secure(deps), measured(deps), bounded())
  app.use('/hooks/*', limited(hookBodyMax))
  app.use('/api/*', limited(bodyMax))
  app.use(guard(deps))
  const ours = app.routes.length
  for (const register of modules) register(app)
  checkListed(app, ours)
  return app
}

const describe = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)

/**
 * Each route after the first `ours` has a row; a handler for every method would slip past the table, and a route
 * after the one for all paths would never be asked.
 */
const checkListed = (app: App, ours: number): void => {
  const routes = app.routes.slice(ours)
  const wild = routes.findIndex(({ path }) => path === '/*')
  if (wild >= 0 && wild < routes.length - 1)
    throw new Error('the pages must be registered after all other routes')
  const unlisted = routes
    .filter(({ method, path }) => !rowOf(method, path))
    .map(({ method, path }) => `${method} ${path}`)
  if (unlisted.length > 0)
    throw new Error(`routes that no row of routes.ts lists: ${[...new Set(unlisted)].join(', ')}`)
}

const identified =
  (deps: Deps): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    c.set('requestId', deps.ids.next())
    c.set('address', addressOf(c, deps.trustedProxies))
    c.header('X-Request-Id', c.get('requestId'))
    await next()
  }

const secure = (deps: Deps): MiddlewareHandler<HttpEnv> =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      // The component library writes its style sheets at run time.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      // The guided tour of the demo shows our own pages side by side.
      frameAncestors: ["'self'"],
      formAction: ["'self'"],
    },
    strictTransportSecurity: deps.publicUrl?.startsWith('https:') ? 'max-age=31536000' : false,
    xFrameOptions: 'SAMEORIGIN',
    referrerPolicy: 'same-origin',
    permissionsPolicy: { camera: ['self'], geolocation: ['self'], microphone: [] },
  })

/** Patterns of routes and ids of people, never paths, queries or bodies. */
const measured =
  (deps: Deps): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    const start = performance.now()
    await next()
    const row = matchedRow(c)
    const route = row?.path ?? 'none'
    const seconds = (performance.now() - start) / 1000
    deps.metrics.request(c.req.method, route, c.res.status, seconds)
    if (row?.path === '/healthz' || row?.path === '/readyz') return
    const who = c.get('who') as Who | undefined
    deps.log.info(
      {
        request: c.get('requestId'),
        method: c.req.method,
        route,
        status: c.res.status,
        ms: Math.round(seconds * 1000),
        role: who?.role ?? 'nobody',
        ...(who && 'libraryId' in who ? { library: who.libraryId } : {}),
      },
      'request',
    )
  }

const bounded = (): MiddlewareHandler<HttpEnv> => {
  let running = 0
  return async (_, next) => {
    if (running >= atOnce) throw new ProblemError(overloaded)
    running += 1
    try {
      await next()
    } finally {
      running -= 1
    }
  }
}

/** A request without a body is not looked into: that alone would cost more than most answers. */
const limited = (maxSize: number): MiddlewareHandler<HttpEnv> => {
  const limit = bodyLimit({ maxSize })
  return (c, next) => (bodiless.has(c.req.method) ? next() : limit(c, next))
}

const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD'])
