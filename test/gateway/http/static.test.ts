import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { staticRoutes } from '../../../src/gateway/http/static.ts'
import { type TestApp, testApp } from '../../harness/app.ts'

const folder = mkdtempSync(join(tmpdir(), 'shuqiao-pages-'))
const script = 'console.log("书桥")\n'.repeat(100)
let t: TestApp

beforeAll(async () => {
  const web = join(folder, 'web')
  mkdirSync(join(web, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  for (const page of ['index', 'staff', 'kiosk', 'guide']) writeFileSync(join(web, `${page}.html`), page)
  writeFileSync(join(web, 'assets/a-1.js'), script)
  writeFileSync(join(web, 'fingerprint'), 'x')
  t = await testApp(() => [staticRoutes(web)])
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await t.close()
})

const get = (path: string, headers = {}) => t.send('GET', path, { headers })

describe('the pages', () => {
  it.each([
    ['/', 'index'],
    ['/orders/1', 'index'],
    ['/staff', 'staff'],
    ['/staff/today', 'staff'],
    ['/kiosk', 'kiosk'],
    ['/guide', 'guide'],
  ])('at %s are %s.html', async (path, page) => {
    const answer = await get(path)
    expect(await answer.text()).toBe(page)
    expect(answer.headers.get('Cache-Control')).toBe('no-cache')
  })

  it('come compressed as the browser can take them, the same behind each coding', async () => {
    const br = await get('/assets/a-1.js', { 'Accept-Encoding': 'gzip, br;q=1' })
    expect(br.headers.get('Content-Encoding')).toBe('br')
    expect(brotliDecompressSync(await br.arrayBuffer()).toString()).toBe(script)
    const gz = await get('/assets/a-1.js', { 'Accept-Encoding': 'gzip' })
    expect(gunzipSync(await gz.arrayBuffer()).toString()).toBe(script)
    expect(await (await get('/assets/a-1.js')).text()).toBe(script)
    expect(br.headers.get('Cache-Control')).toContain('immutable')
    expect(br.headers.get('Vary')).toBe('Accept-Encoding')
  })

  it('are not sent again when the browser has them', async () => {
    const tag = (await get('/')).headers.get('ETag')!
    expect((await get('/', { 'If-None-Match': tag })).status).toBe(304)
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/fingerprint',
    '/nothing.js',
    '/api/nothing',
  ])('do not lead to %s', async path => {
    expect(await (await get(path)).text()).not.toBe('secret')
    if (path !== '/fingerprint') expect((await get(path)).status).toBe(404)
    else expect(await (await get(path)).text()).toBe('index')
  })

  it('say how to make them when they are not there', async () => {
    const bare = await testApp(() => [staticRoutes(join(folder, 'none'))])
    const answer = await bare.send('GET', '/')
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('npm run pages')])
    await bare.close()
  })
})
