import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { seededRandom } from '../../../src/kernel/ids.ts'
import { type Dialect, utf8Checksums } from '../../../src/sandbox/ils/dialect.ts'
import { manners } from '../../../src/sandbox/ils/manners.ts'
import { type SandboxIls, startSandboxIls } from '../../../src/sandbox/ils/sandbox-ils.ts'
import { until } from '../../harness/until.ts'
import { library, start } from './library.ts'
import { sealed, Terminal } from './terminal.ts'

const now = '20261015    093000'
let sandboxes: SandboxIls[] = []
let terminals: Terminal[] = []
afterEach(async () => {
  for (const terminal of terminals) terminal.hangUp()
  for (const sandbox of sandboxes) await sandbox.close()
  sandboxes = []
  terminals = []
})

const run = async (more: Partial<Dialect>): Promise<SandboxIls> => {
  const sandbox = await startSandboxIls({
    name: 'test',
    dialect: { ...utf8Checksums, checksums: 'mirror', ...more },
    seed: library(),
    clock: new ManualClock(start),
    random: seededRandom('manners'),
  })
  sandboxes.push(sandbox)
  return sandbox
}
const dial = async (sandbox: SandboxIls): Promise<Terminal> => {
  const terminal = await Terminal.dial(sandbox.port)
  terminals.push(terminal)
  return terminal
}
const text = async (terminal: Terminal, line: string | Uint8Array, end = '\r'): Promise<string> => {
  terminal.send(`${line}\r`)
  return (await terminal.line(end)).toString()
}
const login = '9300CNgateway|COs3cret|CPGSQ|'
const loggedIn = async (more: Partial<Dialect>): Promise<Terminal> => {
  const terminal = await dial(await run(more))
  expect(await text(terminal, login)).toMatch(/^941/)
  return terminal
}
const asked63 = `6301920261015    093000          AOSZTEST|AAR0001|AC|AD1234|`

describe('a library system in the manner of', () => {
  it('invenio wants the numbers to follow each other, and writes sums without zeros', async () => {
    const terminal = await dial(await run(manners.invenio!))
    expect(await text(terminal, sealed(login, 1))).toMatch(/^941AY1AZ[1-9A-F][0-9A-F]{0,3}$/)
    expect(await text(terminal, sealed('9900802.00', 3))).toMatch(/^96/)
    expect(await text(terminal, sealed('9900802.00', 4))).toMatch(/^98/)
    expect(await text(terminal, sealed('9900802.00', 4))).toMatch(/^96/)
  })

  it('Evergreen hangs up at a wrong password', async () => {
    const terminal = await dial(await run(manners.evergreen!))
    await text(terminal, login.replace('s3cret', 'wrong'))
    expect((await terminal.line('\r')).toString()).toBe('')
    expect(terminal.ended).toBe(true)
  })

  it('Symphony asks for user and password as a telnet server, and again when they are wrong', async () => {
    const terminal = await dial(await run(manners.symphony!))
    expect((await terminal.line(': ')).toString()).toBe('login')
    expect(await text(terminal, 'gateway', ': ')).toBe('password')
    expect(await text(terminal, 'wrong', ': ')).toContain('incorrect')
    expect(await text(terminal, 'gateway', ': ')).toBe('password')
    expect(await text(terminal, 's3cret', '\r\n')).toBe('Login OK.')
    expect(await text(terminal, '9900802.00')).toMatch(/^98Y/)
  })

  it('OCLC Wise cuts the line before 99', async () => {
    const hasty = await loggedIn(manners.wise!)
    expect(await text(hasty, asked63)).toBe('')
    const patient = await loggedIn(manners.wise!)
    await text(patient, '9900802.00')
    expect(await text(patient, asked63)).toMatch(/^64/)
  })

  it('Sierra pads its AO and raises all flags for a wrong PIN', async () => {
    const terminal = await loggedIn(manners.sierra!)
    expect(await text(terminal, '9900802.00')).toContain('AOSZTEST |')
    expect(await text(terminal, asked63.replace('1234', '9999'))).toMatch(/^64Y{14}019/)
    expect(await text(terminal, asked63)).toMatch(/^64 {14}019/)
  })

  it('Polaris says that all is well, has empty fields, and sums units', async () => {
    const terminal = await dial(await run(manners.polaris!))
    await text(terminal, sealed(login, 0))
    const answer = await text(terminal, sealed(asked63, 1))
    expect(answer).toContain('|AFPatron status is ok.|')
    expect(answer).toMatch(/AE顾小满\|/)
    const [, body = '', digits] = /^(.*AZ)([0-9A-F]{4})$/.exec(answer)!
    let sum = 0
    for (let i = 0; i < body.length; i++) sum += body.charCodeAt(i)
    expect(digits).toBe((-sum & 0xffff).toString(16).toUpperCase().padStart(4, '0'))
  })

  it('Spydus leaves a delimiter out and pads', async () => {
    const terminal = await loggedIn(manners.spydus!)
    expect(await text(terminal, asked63)).toMatch(/\|BLYCQY\|.* {150}$/)
  })

  it('CARL.X finds every PIN right', async () => {
    const terminal = await loggedIn(manners.carlx!)
    expect(await text(terminal, asked63.replace('1234', '9999'))).toContain('|BLY|CQY|')
  })

  it('TLC marks its words and wants a due date in a renewal', async () => {
    const terminal = await loggedIn(manners.tlc!)
    const renewal = (due: string) => `29NN${now}${due}AOSZTEST|AAR0007|ABM001|`
    expect(await text(terminal, renewal(' '.repeat(18)))).toMatch(/^300.*AF#本系统不提供此功能/)
    expect(await text(terminal, renewal('20261201    235900'))).toMatch(/^301/)
  })

  it('dp2 owes below zero, names nobody in 38, and says a sentence to what it lacks', async () => {
    const terminal = await loggedIn(manners.dp2!)
    expect(await text(terminal, '9900802.00')).toContain('BXYYYYYYYYYYYYYYYY|')
    expect(await text(terminal, asked63.replace('R0001', 'R0005'))).toContain('BV-12.00|')
    expect(await text(terminal, `37${now}0102CNYBV5.00|AOSZTEST|AAR0005|`)).toMatch(/^38Y.{18}AO\|AA\|/)
    expect(await text(terminal, `65${now}AOSZTEST|AAR0001|`)).toBe('不支持的命令')
  })

  it('dp2 takes percent signs for Chinese before anybody has logged in', async () => {
    const terminal = await dial(await run({ ...manners.dp2!, checksums: 'off' }))
    expect(await text(terminal, '9300CN%67ateway|COs3cret|CP%E6%80%BB|')).toMatch(/^941/)
    expect(await text(terminal, '9900802.00')).toContain('AN总|')
  })

  it('one that answers once says nothing to a second question', async () => {
    const sandbox = await run(manners['one-shot']!)
    const terminal = await dial(sandbox)
    await text(terminal, login)
    expect(await text(terminal, asked63)).toMatch(/^64/)
    terminal.send(`${asked63}\r9900802.00\r`)
    await until(() => sandbox.heard()['99'] === 1)
    expect(terminal.ended).toBe(false)
  })

  it('one with another delimiter', async () => {
    const terminal = await dial(await run({ delimiter: '^' }))
    expect(await text(terminal, login.replaceAll('|', '^'))).toMatch(/^941/)
    expect(await text(terminal, asked63.replaceAll('|', '^'))).toMatch(/\^AAR0001\^.*\^BLY\^CQY\^/)
  })

  it.each([
    ['3m', 'AVF1 7.00 "04" 超期|'],
    ['eg_legacy', 'AV7.00 04 超期|'],
    ['swyer_b', 'AVCharge-Number: F1, Amount-Due: 7.00, Fine-Type: 04, Title: 超期|'],
    ['id-amount', 'AVF1:7.00|'],
  ] as const)('one that writes fees as %s', async (fineFormat, line) => {
    const terminal = await loggedIn({ fineFormat })
    expect(await text(terminal, `63019${now}   Y      AOSZTEST|AAR0005|`)).toContain(line)
  })
})

it('tells every terminal its status unasked', async () => {
  const sandbox = await run({})
  const [first, second] = [await dial(sandbox), await dial(sandbox)]
  await text(first, login)
  await text(second, login)
  sandbox.faults.changeMask('YYYYYYYYYYYYYNYY')
  sandbox.announce()
  for (const terminal of [first, second])
    expect((await terminal.line('\r')).toString()).toMatch(/^98YY.*BXYYYYYYYYYYYYYNYY\|[^Y]*$/)
})
