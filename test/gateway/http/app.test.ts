import { createRoute, z } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problem } from '../../../src/gateway/http/api/common.ts'
import type { Routes } from '../../../src/gateway/http/deps.ts'
import { healthRoutes } from '../../../src/gateway/http/health.ts'
import { metricsRoutes } from '../../../src/gateway/http/metrics.ts'
import { openApiRoutes } from '../../../src/gateway/http/openapi.ts'
import { sessionRoutes } from '../../../src/gateway/http/routes/session.ts'
import { ProblemError, refused } from '../../../src/kernel/problem.ts'
import { type TestApp, testApp } from '../../harness/app.ts'

const words = { zh: '不行', en: 'no' }
const validated = createRoute({
  method: 'get',
  path: '/api/records',
  request: { query: z.object({ limit: z.coerce.number().int().max(50) }) },
  responses: { 200: { description: 'ok' } },
})
const odd: Routes = app => {
  app.openapi(validated, c => c.text(String(c.req.valid('query').limit)))
  app.get('/api/town', () => {
    throw new Error('secret detail')
  })
  app.get('/api/clc', () => {
    throw new ProblemError(refused('some-refusal', words, { their: { code: '7', text: 'their words' } }))
  })
  app.get('/api/staff/today', () => {
    throw new ProblemError(refused('some-refusal', words, { their: { code: '7', text: 'their words' } }))
  })
  app.get('/api/shelves', () => {
    throw Object.assign(new Error('gone'), { code: '57P01' })
  })
}

let t: TestApp
beforeAll(async () => {
  t = await testApp(deps => [
    odd,
    sessionRoutes(deps),
    healthRoutes(deps),
    metricsRoutes(deps),
    openApiRoutes,
  ])
})
afterAll(() => t.close())

const problemOf = async (answer: Response) => {
  expect(answer.headers.get('Content-Type')).toMatch(/^application\/problem\+json/)
  const body = problem.parse(await answer.json())
  return [answer.status, body.type.split(':').at(-1)]
}

describe('an answer that is a problem', () => {
  it('is problem+json with the place of each wrong value', async () => {
    const answer = await t.send('GET', '/api/records?limit=51')
    const body = problem.parse(await answer.clone().json())
    expect(await problemOf(answer)).toEqual([400, 'invalid-request'])
    expect(body.errors).toMatchObject([{ path: 'limit' }])
  })

  it.each([
    ['a path that does not exist', 'GET', '/api/nothing', undefined, [404, 'not-found']],
    ['a method that does not exist', 'PUT', '/api/town', undefined, [404, 'not-found']],
    ['a body that is no JSON', 'POST', '/api/session/staff', '{', [400, 'invalid-request']],
    ['a body that is too long', 'POST', '/api/session/staff', `"${'x'.repeat(70_000)}"`, [413, 'too-large']],
    ['a database that is gone', 'GET', '/api/shelves', undefined, [503, 'store-unreachable']],
    ['a refusal', 'GET', '/api/clc', undefined, [409, 'some-refusal']],
  ])('tells %s', async (_, method, path, json, expected) => {
    expect(await problemOf(await t.send(method, path, { json }))).toEqual(expected)
  })

  it('tells nothing of a bug, but logs it under the number of the request', async () => {
    const answer = await t.send('GET', '/api/town')
    const text = await answer.text()
    expect([answer.status, text.includes('secret detail')]).toEqual([500, false])
    expect(t.logged.join()).toContain('secret detail')
    expect(text).toContain(answer.headers.get('X-Request-Id'))
  })

  it("tells staff the other side's own words, and nobody else", async () => {
    expect(await (await t.send('GET', '/api/clc')).text()).not.toContain('their words')
    const staff = await t.send('GET', '/api/staff/today', { headers: await t.as('librarian') })
    expect(await staff.text()).toContain('their words')
  })
})

describe('every answer', () => {
  it('carries a strict content policy and the other headers that close doors', async () => {
    const { headers } = await t.send('GET', '/healthz')
    expect(headers.get('Content-Security-Policy')).toMatch(/script-src 'self';/)
    expect(headers.get('Content-Security-Policy')).toMatch(/frame-ancestors 'self'/)
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(headers.get('Strict-Transport-Security')).toBeNull()
  })

  it('is logged by the pattern of its route, without what was asked for', async () => {
    await t.send('GET', '/api/records?limit=1&q=王芳')
    expect(t.logged.at(-1)).toContain('"route":"/api/records"')
    expect(t.logged.at(-1)).not.toContain('王芳')
  })
})

describe('health', () => {
  it('is alive and ready with a migrated database and its roles started', async () => {
    expect(await (await t.send('GET', '/healthz')).json()).toEqual({ status: 'alive' })
    const ready = await t.send('GET', '/readyz')
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', checks: { database: true, migrations: true, worker: true } },
    ])
  })

  it('is alive but not ready when the database is gone', async () => {
    const lost = await testApp(deps => [healthRoutes(deps)])
    await lost.close()
    expect((await lost.send('GET', '/healthz')).status).toBe(200)
    expect((await lost.send('GET', '/readyz')).status).toBe(503)
  })
})

describe('metrics', () => {
  it('tell times by route, to a partner with the scope for it', async () => {
    const headers = await t.as('partner', ['metrics:read'])
    await t.send('GET', '/healthz')
    const text = await (await t.send('GET', '/metrics', { headers })).text()
    expect(text).toMatch(
      /shuqiao_http_request_seconds_count\{method="GET",route="\/healthz",status="200"\} \d/,
    )
    expect((await t.send('GET', '/metrics')).status).toBe(401)
  })
})

describe('the interface description', () => {
  it('is OpenAPI 3.1 and says who may use each route', async () => {
    const document = (await (await t.send('GET', '/openapi.json')).json()) as {
      openapi: string
      paths: Record<string, Record<string, { 'x-roles': string[]; security: object[] }>>
    }
    expect(document.openapi).toBe('3.1.0')
    expect(document.paths['/api/me']!.get).toMatchObject({
      'x-roles': ['reader'],
      security: [{ reader: [] }],
    })
    expect(document.paths['/api/session/reader']!.post!.security).toEqual([])
  })

  it('can be browsed with nothing loaded from elsewhere', async () => {
    const page = await (await t.send('GET', '/reference')).text()
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(m => m[1]!)
    expect(links.length).toBeGreaterThan(3)
    for (const link of links) expect([link, (await t.send('GET', link)).status]).toEqual([link, 200])
    expect((await t.send('GET', '/reference/package.json')).status).toBe(404)
  })
})
