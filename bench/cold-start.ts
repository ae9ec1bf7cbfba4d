import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bench, median } from './bench.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const rounds = 7

const settings = `libraries:
  - id: town
    name: { zh: 小城图书馆, en: Town Library }
    phone: "0512-00000000"
    divisionCode: "320508"
    region: { province: 江苏省, city: 苏州市, district: 姑苏区 }
    hours: { weekly: { mon-sun: 09:00-21:00 } }
    ils: { driver: manual }
    branches:
      - { id: main, name: { zh: 总馆, en: Main }, address: 平江街道 1 号 }
`

/** CPU milliseconds that a process has used, in the 10 ms ticks of Linux; undefined elsewhere. */
const cpuOf = (pid: number): number | undefined => {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return undefined
  const [user = 0, system = 0] = readFileSync(file, 'utf8').split(' ').slice(13, 15).map(Number)
  return (user + system) * 10
}

interface Started {
  readonly wall: number
  readonly cpu?: number | undefined
}

/** Milliseconds until the process says `ready` on its output (or ends, without one); then it is told to stop. */
const start = (args: readonly string[], env: NodeJS.ProcessEnv, ready?: string): Promise<Started> =>
  new Promise((resolve, reject) => {
    const began = process.hrtime.bigint()
    const took = (): number => Number(process.hrtime.bigint() - began) / 1e6
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let at: Started | undefined
    child.stdout.on('data', (bytes: Buffer) => {
      if (ready === undefined || at !== undefined || !bytes.toString('utf8').includes(ready)) return
      at = { wall: took(), cpu: cpuOf(child.pid!) }
      child.kill('SIGTERM')
    })
    child.on('error', reject)
    child.on('exit', code => {
      if (ready === undefined) resolve({ wall: took() })
      else if (at === undefined) reject(new Error(`serve ended with ${code} before it was ready`))
      else resolve(at)
    })
  })

/** B12: from nothing to serving, with a migrated database, against an empty Node process. */
export const bench: Bench = {
  id: 'B12',
  title: 'cold start of serve',
  goal: 'at most 1 s more than node -e 0',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shuqiao-cold-'))
    try {
      const config = join(folder, 'shuqiao.yaml')
      writeFileSync(config, settings)
      const env = { ...process.env, SHUQIAO_DATA: join(folder, 'data'), SHUQIAO_LOG: 'info' }
      const serve = (): Promise<Started> =>
        start([main, 'serve', '--config', config, '--port', '0'], env, '"serving"')
      await serve()
      const ours: number[] = []
      const cpu: number[] = []
      const empty: number[] = []
      for (let round = 0; round < rounds; round++) {
        const started = await serve()
        ours.push(started.wall)
        if (started.cpu !== undefined) cpu.push(started.cpu)
        empty.push((await start(['-e', '0'], process.env)).wall)
      }
      const more = median(ours) - median(empty)
      return {
        ratio: median(empty) / median(ours),
        met: more <= 1000,
        detail: {
          'ms to serving': Math.round(median(ours)),
          'ms of node -e 0': Math.round(median(empty)),
          'ms more': Math.round(more),
          ...(cpu.length > 0 ? { 'CPU ms to serving': median(cpu) } : {}),
        },
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
