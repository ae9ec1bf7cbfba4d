import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Routes } from '../../../src/gateway/http/deps.ts'
import { type Role, roles, routeTable } from '../../../src/gateway/http/routes.ts'
import { type TestApp, testApp } from '../../harness/app.ts'

/** Stands in for every route, so that the rows themselves are asked. */
const everyRoute: Routes = app => {
  for (const { method, path } of routeTable.toSorted(
    (a, b) => Number(a.path === '/*') - Number(b.path === '/*'),
  ))
    app.on(method, path.replace(/\{([A-Za-z]+)\}/g, ':$1'), c => c.text(c.get('who').role))
}

let t: TestApp
const headers: Partial<Record<Role, Record<string, string>>> = {}

beforeAll(async () => {
  t = await testApp(() => [everyRoute])
  for (const role of ['reader', 'librarian', 'manager', 'auditor', 'administrator', 'device'] as const)
    headers[role] = await t.as(role)
  headers.partner = await t.as('partner', [...new Set(routeTable.flatMap(row => row.scope ?? []))])
  headers.public = {}
})
afterAll(() => t.close())

const concrete = (path: string): string => path.replace(/\{[A-Za-z]+\}/g, 'x').replace('/*', '/anything')

/** A request as it comes over a socket from `address`. */
const from = (address: string, method: string, path: string, more: Record<string, string> = {}) =>
  t.app.request(
    concrete(path),
    { method, headers: { 'X-Shuqiao': '1', Host: '127.0.0.1:8080', ...more } },
    { incoming: { socket: { remoteAddress: address } } },
  )

const ask = async (method: string, path: string, role: Role) => {
  if (role === 'local') return (await from('127.0.0.1', method, path)).status
  if (role === 'hook') return (await from('203.0.113.9', method, path)).status
  return (await t.send(method, concrete(path), { headers: headers[role] ?? {} })).status
}
const nobody: readonly Role[] = ['public', 'hook', 'local']

describe('every route, asked by everyone', () => {
  it.each(routeTable.map(row => [`${row.method} ${row.path}`, row] as const))('%s', async (_, row) => {
    for (const role of roles) {
      const open = row.roles.includes('public') || row.roles.includes('hook')
      const refused = nobody.includes(role) ? 401 : 403
      expect([role, await ask(row.method, row.path, role)]).toEqual([
        role,
        open || row.roles.includes(role) ? 200 : refused,
      ])
    }
  })

  it('no route is listed twice, and each names somebody', () => {
    const names = routeTable.map(row => `${row.method} ${row.path}`)
    expect(new Set(names).size).toBe(names.length)
    expect(routeTable.filter(row => row.roles.length === 0)).toEqual([])
  })

  it.each([
    ['X-Forwarded-For', '10.0.0.1'],
    ['x-forwarded-proto', 'https'],
    ['X-Forwarded-Host', 'books.example'],
    ['Forwarded', 'for=10.0.0.1'],
    ['X-Real-IP', '10.0.0.1'],
    ['Via', '1.1 proxy'],
    ['X-Client-IP', '10.0.0.1'],
    ['CF-Connecting-IP', '10.0.0.1'],
    ['Host', 'books.example'],
  ])('what comes from this machine through a proxy (%s) is not this machine', async (name, value) => {
    expect((await from('127.0.0.1', 'GET', '/metrics', { [name]: value })).status).toBe(401)
  })

  it('this machine is known under its names, and no other machine is', async () => {
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:8080'])
      expect((await from('::1', 'GET', '/metrics', { Host: host })).status).toBe(200)
    for (const address of ['10.0.0.1', '192.168.0.1', '::2', ''])
      expect((await from(address, 'GET', '/metrics')).status).toBe(401)
  })

  it('where a proxy stands before the gateway, nothing that comes from this machine is believed to be it', async () => {
    const behind = await testApp(() => [everyRoute], { trustedProxies: 1 })
    const answer = await behind.app.request(
      '/metrics',
      { headers: { Host: '127.0.0.1' } },
      { incoming: { socket: { remoteAddress: '127.0.0.1' } } },
    )
    expect(answer.status).toBe(401)
    await behind.close()
  })

  it('a monitor elsewhere reads the metrics with the token of the settings, and nothing else', async () => {
    const token = 'a-token-of-at-least-twenty-signs'
    const watched = await testApp(() => [everyRoute], { metricsToken: token })
    const asked = async (path: string, secret: string) =>
      (await watched.app.request(path, { headers: { Authorization: `Bearer ${secret}` } })).status
    expect(await asked('/metrics', token)).toBe(200)
    expect(await asked('/metrics', `${token}x`)).toBe(401)
    expect(await asked('/metrics', '')).toBe(401)
    expect(await asked('/api/staff/today', token)).toBe(401)
    expect(await asked('/api/reports/compliance', token)).toBe(401)
    await watched.close()
  })

  it('a partner whose key is not scoped for the route is refused', async () => {
    const answer = await t.send('GET', '/api/reports/compliance', {
      headers: await t.as('partner', ['records:read']),
    })
    expect(answer.status).toBe(403)
  })

  it('a key of one kind does not open as the other', async () => {
    const { Authorization } = headers.device!
    const answer = await t.send('GET', '/api/reports/compliance', {
      headers: { Authorization: Authorization!.replace('Device', 'Bearer') },
    })
    expect(answer.status).toBe(401)
  })

  it('a write that comes with a cookie but not from our own page is refused', async () => {
    const path = '/api/orders/quote'
    const plain = await t.app.request(path, { method: 'POST', headers: headers.reader! })
    expect(plain.status).toBe(403)
    expect((await t.send('POST', path, { headers: headers.reader! })).status).toBe(200)
    const login = await t.app.request('/api/session/staff', { method: 'POST' })
    expect(login.status).toBe(403)
  })

  it('with both sessions in one browser, each page is who it is', async () => {
    const cookie = `${headers.reader!.Cookie}; ${headers.librarian!.Cookie}`
    const who = async (path: string) => (await t.send('GET', path, { headers: { Cookie: cookie } })).text()
    expect(await who('/api/me')).toBe('reader')
    expect(await who('/api/staff/today')).toBe('librarian')
    expect(await who('/api/stream?as=reader')).toBe('reader')
    expect(await who('/api/stream?as=staff')).toBe('librarian')
  })
})

describe('an app', () => {
  it.each([
    ['a route without a row', (app => app.get('/api/secret', c => c.text('x'))) as Routes],
    ['a handler for every method', (app => app.all('/api/town', c => c.text('x'))) as Routes],
    ['another method of a listed path', (app => app.put('/api/town', c => c.text('x'))) as Routes],
  ])('with %s does not start', async (_, routes) => {
    await expect(testApp(() => [routes])).rejects.toThrow('no row of routes.ts lists')
  })

  it('with a route after the one for all paths does not start', async () => {
    const pagesFirst: Routes = app => {
      app.get('/*', c => c.text('page'))
      app.get('/api/town', c => c.text('town'))
    }
    await expect(testApp(() => [pagesFirst])).rejects.toThrow('after all other routes')
  })
})
