import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const folders: string[] = []
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const town = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'shuqiao-serve-'))
  folders.push(folder)
  writeFileSync(
    join(folder, 'shuqiao.yaml'),
    `libraries:
  - id: sucheng
    name: {zh: 苏城图书馆, en: Sucheng Library}
    phone: 0512-1234567
    divisionCode: '320508'
    region: {province: 江苏省, city: 苏州市, district: 姑苏区}
    hours: {weekly: {mon-sun: '09:00-21:00'}}
    ils: {driver: sip2, host: 127.0.0.1, port: 1}
    branches:
      - {id: main, name: {zh: 总馆, en: Main}, address: 观前街 1 号}
couriers:
  - {name: sf, driver: sf, partnerId: p, checkWord: c, endpoint: 'http://127.0.0.1:1/'}
`,
  )
  return folder
}

interface Served {
  readonly url: string
  readonly child: ChildProcess
  readonly ended: Promise<number | string>
}

/** Starts `serve` and waits until it says where it listens, or ends. */
const serve = async (
  folder: string,
  env: Record<string, string> = { PORT: '0' },
): Promise<Served | string> => {
  const child = spawn(process.execPath, [main, 'serve'], {
    cwd: folder,
    env: { PATH: process.env.PATH, SHUQIAO_DATA: join(folder, 'data'), ...env },
  })
  children.push(child)
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  let said = ''
  const url = await new Promise<string | undefined>(resolve => {
    const hear = (text: Buffer): void => {
      said += text.toString()
      const found = /"url":"([^"]+)"/.exec(said)
      if (found) resolve(found[1])
    }
    child.stdout!.on('data', hear)
    child.stderr!.on('data', hear)
    void ended.then(() => resolve(undefined))
  })
  return url === undefined ? `${await ended}: ${said}` : { url, child, ended }
}
const started = async (folder: string): Promise<Served> => {
  const served = await serve(folder)
  if (typeof served === 'string') throw new Error(served)
  return served
}

describe('a gateway as a process', () => {
  it('is ready, although its library system does not answer', async () => {
    const { url } = await started(town())
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: 'ready' })
  })

  it('ends on SIGTERM with exit code 0, an idle connection notwithstanding', async () => {
    const { url, child, ended } = await started(town())
    const idle = createConnection(Number(new URL(url).port), '127.0.0.1')
    await once(idle, 'connect')
    await (await fetch(`${url}/healthz`)).text()
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    idle.destroy()
  })

  it('refuses to serve a database that another process serves, and takes it over when that one was killed', async () => {
    const folder = town()
    const first = await started(folder)
    expect(await serve(folder)).toMatch(/^1: .*database-in-use/s)
    first.child.kill('SIGKILL')
    expect(await first.ended).toBe('SIGKILL')
    const second = await started(folder)
    expect((await fetch(`${second.url}/healthz`)).status).toBe(200)
  })

  it('says which port is taken', async () => {
    const { url } = await started(town())
    expect(await serve(town(), { PORT: new URL(url).port })).toMatch(/^1: .*cannot-listen/s)
  })

  it('refuses requests that are larger than allowed, and goes on', async () => {
    const { url } = await started(town())
    const long = await fetch(`${url}/healthz`, { headers: { 'X-Long': 'x'.repeat(20_000) } })
    expect(long.status).toBe(431)
    const body = JSON.stringify({ user: 'x', password: 'y'.repeat(100_000) })
    const headers = { 'Content-Type': 'application/json', 'X-Shuqiao': '1' }
    const large = await fetch(`${url}/api/session/staff`, { method: 'POST', headers, body })
    expect(large.status).toBe(413)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })
})
