import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'shuqiao-stop-'))
let npm: ChildProcess | undefined

afterEach(() => {
  npm?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe('a gateway that npm started', () => {
  it('ends with npm: its port is free and its data is closed', async () => {
    npm = spawn('npm', ['run', '-s', 'shuqiao', '--', 'demo', '--data', folder], {
      cwd: root,
      env: { ...process.env, PORT: '0', SHUQIAO_LOG: 'info' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    const out = npm.stdout!
    const open = new Promise<string>(resolve => {
      out.on('data', (bytes: Buffer) => {
        said += bytes.toString()
        const url = /(http:\/\/127\.0\.0\.1:\d+)\/guide/.exec(said)?.[1]
        if (url) resolve(url)
      })
    })
    const closed = once(out, 'end')
    const url = await open
    expect((await fetch(`${url}/healthz`)).status).toBe(200)

    npm.kill('SIGTERM')
    await closed
    expect(said).toContain('"msg":"stopped"')
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })
})
