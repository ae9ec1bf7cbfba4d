import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/gateway/store/db.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { utf8Checksums } from '../../src/sandbox/ils/dialect.ts'
import { startSandboxIls } from '../../src/sandbox/ils/sandbox-ils.ts'
import { startSandboxBus } from '../../src/sandbox/lockers/bus.ts'
import { library } from '../sandbox/ils/library.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'shuqiao-cli-'))
const settings = join(folder, 'shuqiao.yaml')

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}
const run = (words: readonly string[], input = ''): Promise<Ran> =>
  new Promise(resolve => {
    const env = { PATH: process.env.PATH, SHUQIAO_DATA: join(folder, 'data'), SHUQIAO_CONFIG: settings }
    const child = execFile(process.execPath, [main, ...words], { env, cwd: folder }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
    child.stdin!.end(input)
  })

beforeAll(() => {
  writeFileSync(
    settings,
    `libraries:
  - id: sucheng
    name: {zh: 苏城图书馆, en: Sucheng Library}
    phone: 0512-1234567
    divisionCode: '320508'
    region: {province: 江苏省, city: 苏州市, district: 姑苏区}
    hours: {weekly: {mon-sun: '09:00-21:00'}}
    ils: {driver: manual}
    branches:
      - {id: main, name: {zh: 总馆, en: Main}, address: 观前街 1 号}
couriers:
  - {name: sf, driver: sf, partnerId: p, checkWord: c, endpoint: 'http://127.0.0.1:1/'}
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the command line', () => {
  it('explains itself, and each verb', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('serve') })
    const verbs = (await run(['--help'])).out.matchAll(/^ {2}([a-z0-9]+) {3,}/gm)
    for (const [, verb] of verbs)
      expect([verb, await run([verb!, '--help'])]).toMatchObject([verb, { code: 0, err: '' }])
  })

  it.each([
    [['sarve'], "unknown command 'sarve'"],
    [['serve', '--prot', '1'], "unknown option '--prot'"],
    [['serve', '--port', 'x'], 'a port is a number'],
    [['user', 'add', 'lin'], "required option '-l, --library <id>' not specified"],
    [['user', 'add', 'lin', '-l', 'sucheng', '-n', 'x', '-r', 'king'], 'Allowed choices are librarian'],
    [['audit'], 'Usage: shuqiao audit'],
  ])('refuses %j with exit code 2 and says why', async (words, why) => {
    expect(await run(words)).toMatchObject({ code: 2, err: expect.stringContaining(why) })
  })

  it('tells all faults of the settings file with their places and ends with 2', async () => {
    const bad = join(folder, 'bad.yaml')
    writeFileSync(bad, 'libraries: []\nports: 1\n')
    const { code, err } = await run(['config', 'check', '--config', bad])
    expect([code, err.split('\n').slice(1)]).toEqual([
      2,
      [
        `${bad}:1:1  libraries: Too small: expected array to have >=1 items`,
        `${bad}:2:1  ports: is not a setting known here`,
        '',
      ],
    ])
  })

  it('tells one problem in both languages and ends with 1', async () => {
    const { code, err } = await run(['config', 'check', '--config', join(folder, 'none.yaml')])
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^读不到设置文件.*\nthe settings file .*no-config-file\]\n$/),
    ])
  })

  it('prints the schema of the settings file', async () => {
    const { out } = await run(['config', 'schema'])
    expect(JSON.parse(out)).toMatchObject({ type: 'object', required: ['libraries'] })
  })
})

describe('users and keys', () => {
  it('come into being, are listed, change and go, and the audit log knows', async () => {
    const made = await run([
      'user',
      'add',
      'lin',
      '-l',
      'sucheng',
      '-r',
      'librarian',
      '-n',
      '林岚',
      '-b',
      'main',
    ])
    expect(made).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^\S{20}\n$/) })
    expect((await run(['user', 'list'])).out).toMatch(/^lin +sucheng +librarian +林岚 +main /m)
    const short = await run(['user', 'password', 'lin', '--password-stdin'], 'short\n')
    expect(short).toMatchObject({ code: 1, err: expect.stringContaining('password-too-short') })
    expect(await run(['user', 'password', 'lin', '--password-stdin'], 'a long enough one\n')).toMatchObject({
      code: 0,
      out: '',
    })
    expect(await run(['user', 'remove', 'lin'])).toMatchObject({ code: 0 })
    expect(await run(['user', 'remove', 'nobody'])).toMatchObject({ code: 1 })
    const key = await run(['key', 'partner', 'add', '统计平台', '-l', 'sucheng', '-s', 'reports:read'])
    expect(key).toMatchObject({ code: 0, out: expect.stringMatching(/^sq_partner_\S{32}\n$/) })
    expect(await run(['key', 'partner', 'revoke', key.err.trim(), '-l', 'sucheng'])).toMatchObject({
      code: 0,
    })
    expect(await run(['key', 'partner', 'add', 'x', '-l', 'sucheng', '-s', 'all'])).toMatchObject({ code: 1 })
    expect(await run(['key', 'device', 'add', 'x', '-l', 'sucheng'])).toMatchObject({ code: 1 })
    expect(await run(['user', 'add', 'wu', '-l', 'nowhere', '-r', 'auditor', '-n', 'x'])).toMatchObject({
      code: 1,
    })
    const { out } = await run(['audit', 'list', '-l', 'sucheng'])
    expect([...out.matchAll(/command-line +(\S+)/g)].map(m => m[1])).toEqual([
      'key-revoked',
      'key-issued',
      'user-removed',
      'password-changed',
      'user-added',
    ])
    expect(await run(['audit', 'verify'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('whole, 5 entries'),
    })
  })

  it('a changed audit entry is found, with exit code 1', async () => {
    const database = new Database(join(folder, 'data', 'shuqiao.sqlite'))
    database.exec("drop trigger audit_no_update; update audit set reason = 'x' where seq = 3")
    database.close()
    expect(await run(['audit', 'verify'])).toMatchObject({
      code: 1,
      out: 'sucheng: BROKEN at entry 3: changed\n',
    })
  })
})

describe('a backup', () => {
  it('is a whole copy, and replaces no file unasked', async () => {
    const file = join(folder, 'copy.sqlite')
    expect(await run(['backup', file])).toMatchObject({
      code: 0,
      out: expect.stringContaining('the keys of personal data are not in it'),
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const copy = new Database(file, { readonly: true })
    expect(copy.prepare('select count(*) as n from audit').get()).toEqual({ n: 5 })
    copy.close()
    expect(await run(['backup', file])).toMatchObject({
      code: 1,
      err: expect.stringContaining('file-exists'),
    })
    expect(await run(['backup', file, '--force'])).toMatchObject({ code: 0 })
  })
})

describe('the doctor', () => {
  const manual = 'ils: {driver: manual}'
  const away = join(folder, 'away.yaml')
  const sip2At = (port: number): void =>
    writeFileSync(
      away,
      readFileSync(settings, 'utf8').replace(
        manual,
        `ils: {driver: sip2, host: 127.0.0.1, port: ${port}, login: {user: gateway, password: s3cret}}`,
      ),
    )

  it('says what is wrong with a line that nobody answers', async () => {
    sip2At(1)
    expect(await run(['doctor', '-c', away])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/✗ ILS sucheng: .* \[unreachable\/ils-(unreachable|down)\] {2}\S+\n/),
      err: '',
    })
  })

  it('shows every message that it exchanges with a library system', async () => {
    const ils = await startSandboxIls({
      name: 'sucheng',
      dialect: utf8Checksums,
      seed: library(),
      clock: systemClock,
      random: randomBytes,
    })
    try {
      sip2At(ils.port)
      expect(await run(['doctor', '--wire', '-c', away])).toMatchObject({
        code: 0,
        out: expect.stringContaining('✓ ILS sucheng'),
        err: expect.stringMatching(
          /ils:sucheng > 93.*CO\*\*\*[\s\S]*ils:sucheng > 17.*ABSHUQIAO-DOCTOR-0.*\n +ils:sucheng < 18/,
        ),
      })
    } finally {
      await ils.close()
    }
  })

  it('reads the doors of a line that nobody holds, and leaves a running gateway’s alone', async () => {
    const bus = await startSandboxBus({ boards: [{ address: 1, channels: 8 }], clock: systemClock })
    try {
      const line = `{id: a, driver: xor-8a, address: {dial: {host: 127.0.0.1, port: ${bus.port}}}, boards: [{address: 1, channels: 8}]}`
      const door = '{id: "1", size: small, row: 1, column: 1, board: 1, channel: 1}'
      const cabinet = `{id: gate, name: {zh: 门口, en: Gate}, place: 门口, bus: a, compartments: [${door}]}`
      const data = join(folder, 'data', 'shuqiao.sqlite')
      writeFileSync(
        away,
        `${readFileSync(settings, 'utf8').replace(manual, `${manual}\n    lockers: [${cabinet}]`)}lockerBuses: [${line}]\n`,
      )
      expect(await run(['user', 'list', '-c', away])).toMatchObject({ code: 0 })
      expect(await run(['doctor', '-c', away])).toMatchObject({
        code: 0,
        out: expect.stringMatching(/✓ locker line a, board 1: .* 8 doors, 0 open/),
      })
      const asked = bus.asked.length
      const gateway = openStore(`sqlite:${data}`, { exclusive: true })
      expect(await run(['doctor', '-c', away])).toMatchObject({
        code: 0,
        out: expect.stringContaining('! locker line a: '),
      })
      expect(bus.asked.length).toBe(asked)
      await gateway.close()
    } finally {
      await bus.close()
    }
  })
})
