import { connect } from 'node:tls'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Encoding, encodings } from '../../adapters/ils/sip2/encodings.ts'
import { type Given, usualGiven } from '../../adapters/ils/sip2/probe/given.ts'
import { socketWire } from '../../adapters/ils/sip2/probe/socket-wire.ts'
import { type TlsSettings, tlsSettings } from '../../adapters/ils/sip2/tls.ts'
import { systemClock } from '../../kernel/clock.ts'
import { misconfigured, ProblemError } from '../../kernel/problem.ts'
import { secretFrom, textOf } from '../secret-source.ts'
import {
  announcement,
  checkWritable,
  type Examination,
  examineSip2,
  type Lang,
  shownStep,
  shownWire,
  verdictLine,
  writeSettings,
} from '../sip2-doctor.ts'

interface Flags {
  readonly user?: string
  readonly password?: string
  readonly location: string
  readonly institution?: string
  readonly terminalPassword?: string
  readonly encoding?: Encoding
  readonly timeZone?: string
  readonly tls?: true
  readonly ca?: string
  readonly serverName?: string
  readonly fingerprint?: string
  readonly patron?: string
  readonly pin?: string
  readonly wrongPin?: true
  readonly item?: string
  readonly allowChanges?: true
  readonly connections: number
  readonly patience: number
  readonly write?: string
  readonly json?: true
  readonly wire?: true
  readonly lang: Lang
}

/** `HOST:PORT`, an IPv6 address in brackets. */
export const hostAndPort = (text: string): { host: string; port: number } => {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port < 1 || port > 65_535)
    throw new InvalidArgumentError('HOST:PORT, such as 192.0.2.10:6001')
  return { host: match[1] ?? match[2]!, port }
}

export const between =
  (least: number, most: number) =>
  (text: string): number => {
    const number = Number(text)
    if (Number.isInteger(number) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`a whole number from ${least} to ${most}`)
  }

const source = 'env:NAME, file:PATH or ask'

/** Adds `shuqiao doctor sip2`. */
export const addSip2Doctor = (doctor: Command): void => {
  doctor
    .command('sip2')
    .description('find out how a library system speaks SIP2, and write its settings; questions only')
    .argument('<host:port>', 'such as 192.0.2.10:6001', hostAndPort)
    .option('-u, --user <user>', 'CN of the account')
    .option('--password <source>', `${source}; $SIP2_PASSWORD when left out`)
    .option('--location <code>', 'CP of the log-in, AP of returns', '')
    .option('--institution <code>', 'AO; what 98 tells when left out')
    .option('--terminal-password <source>', `AC: ${source}`)
    .addOption(new Option('--encoding <charset>', 'where you know it').choices(encodings))
    .option('--time-zone <name>', 'where its clock does not tell it: Asia/Shanghai')
    .option('--tls', 'speak TLS (found out when left out)')
    .option('--ca <file>', 'PEM of the authority that signed its certificate')
    .option('--server-name <name>', 'name in its certificate')
    .option('--fingerprint <sha256>', 'take its certificate by this fingerprint')
    .option('--patron <card>', 'a test card: lists, counts, PIN')
    .option('--pin <source>', `PIN of that card: ${source}`)
    .option('--wrong-pin', 'try one wrong PIN on that card (some systems count them)')
    .option('--item <barcode>', 'a test item, lent where possible: due dates, charset')
    .option('--allow-changes', 'lend the test item to the test card and take it back, once')
    .option('--connections <count>', 'open at most so many side by side; 1: do not try', between(1, 16), 4)
    .option('--patience <seconds>', 'how long an answer may take', between(1, 60), 4)
    .option('--write <file>', 'write the settings here (otherwise they are printed)')
    .option('--json', 'one JSON object a line')
    .option('--wire', 'show every message that is exchanged, masked, on standard error')
    .addOption(new Option('--lang <language>', 'of what is said').choices(['zh', 'en']).default('zh'))
    .action(run)
}

/** As it will stand in the settings file. */
const tlsWritten = ({ ca, serverName, fingerprint }: Flags): Readonly<Record<string, string>> => ({
  ...(ca === undefined ? {} : { ca: `file:${ca}` }),
  ...(fingerprint === undefined ? {} : { fingerprint }),
  ...(serverName === undefined ? {} : { serverName }),
})

const tlsOf = (flags: Flags): TlsSettings => {
  const ca = flags.ca === undefined ? {} : { ca: textOf(flags.ca) }
  const checked = tlsSettings.safeParse({ ...tlsWritten(flags), ...ca })
  if (checked.success) return checked.data
  const faults = checked.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  throw new ProblemError(
    misconfigured('tls-settings', { zh: `TLS 选项有误：${faults}`, en: `TLS options: ${faults}` }),
  )
}

const givenBy = async (at: { host: string; port: number }, flags: Flags): Promise<Given> => ({
  ...usualGiven,
  ...at,
  user: flags.user,
  password:
    flags.user === undefined
      ? undefined
      : await secretFrom(flags.password, 'SIP2_PASSWORD', 'SIP2 密码 password: '),
  terminalPassword:
    flags.terminalPassword === undefined
      ? ''
      : await secretFrom(flags.terminalPassword, 'SIP2_TERMINAL', 'AC: '),
  location: flags.location,
  institution: flags.institution,
  encoding: flags.encoding,
  timeZone: flags.timeZone,
  tls: flags.tls === true || Object.keys(tlsWritten(flags)).length > 0,
  tlsSettings: tlsWritten(flags),
  patron: flags.patron,
  pin: flags.pin === undefined ? undefined : await secretFrom(flags.pin, 'SIP2_PIN', '读者密码 PIN: '),
  wrongPin: flags.wrongPin === true,
  item: flags.item,
  allowChanges: flags.allowChanges === true,
  sideBySide: flags.connections,
  patience: flags.patience * 1000,
})

const run = async (at: { host: string; port: number }, flags: Flags): Promise<void> => {
  if (flags.write !== undefined) checkWritable(flags.write)
  const given = await givenBy(at, flags)
  const { lang } = flags
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`)
  }
  if (!flags.json) say(`${announcement(given, lang)}\n`)
  const tls = tlsOf(flags)
  const show = (line: string): void => {
    process.stderr.write(`${line}\n`)
  }
  const silent = socketWire({ ...at, tls }, systemClock, 10)
  const wire = flags.wire ? shownWire(silent, show) : silent
  const examined = await examineSip2(given, wire, systemClock, step => {
    const shown = flags.wire ? shownStep(step) : undefined
    if (shown !== undefined) show(shown)
  })
  for (const verdict of examined.verdicts)
    say(flags.json ? JSON.stringify(verdict) : verdictLine(verdict, lang))
  if (examined.facts.tlsProblem !== undefined && !flags.json) {
    const shown = await certificateOf(at)
    if (shown !== undefined) say(shown)
  }
  finish(examined, flags, say)
}

const look = 10_000

/** The certificate that was not trusted, for a person to compare; nothing is sent to its owner. */
const certificateOf = (at: { host: string; port: number }): Promise<string | undefined> =>
  new Promise(resolve => {
    const socket = connect({ ...at, rejectUnauthorized: false })
    const end = (text: string | undefined): void => {
      cancel()
      socket.destroy()
      resolve(text)
    }
    const cancel = systemClock.after(look, () => end(undefined))
    socket.on('error', () => end(undefined))
    socket.once('secureConnect', () => {
      const { subject, valid_to: until, fingerprint256 } = socket.getPeerCertificate()
      end(`    ${subject?.CN ?? ''}  ${until ?? ''}\n    --fingerprint ${fingerprint256 ?? ''}`)
    })
  })

const finish = (
  { verdicts, settings, dialect }: Examination,
  flags: Flags,
  say: (line: string) => void,
): void => {
  if (verdicts.some(({ state }) => state === 'bad')) process.exitCode = 1
  if (settings === undefined) return
  if (flags.write !== undefined) writeSettings(flags.write, settings)
  if (flags.json) say(JSON.stringify({ dialect, settings }))
  else if (flags.write === undefined) say(`\n${settings}`)
  else
    say(
      flags.lang === 'zh'
        ? `\n设置写入 ${flags.write}（方言 ${dialect}）`
        : `\nwritten to ${flags.write} (dialect ${dialect})`,
    )
}
