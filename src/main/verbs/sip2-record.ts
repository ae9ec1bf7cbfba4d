import { randomBytes } from 'node:crypto'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Encoding, encodings } from '../../adapters/ils/sip2/encodings.ts'
import { systemClock } from '../../kernel/clock.ts'
import { secretFrom, textOf } from '../secret-source.ts'
import { fileSink, startRecorder } from '../sip2-record.ts'
import { readRecording } from '../sip2-recording.ts'
import { isAct, namesOf, secretsWanting } from '../sip2-replay.ts'
import { startFakeIls } from '../sip2-replay-ils.ts'
import { runFakeKiosk } from '../sip2-replay-kiosk.ts'
import { untilToldToStop } from '../stop.ts'
import { hostAndPort } from './doctor-sip2.ts'

type Place = { readonly host: string; readonly port: number }

/** `PORT` on this machine alone, or `HOST:PORT`. */
const listenAt = (text: string): Place =>
  /^\d{1,5}$/.test(text) ? hostAndPort(`127.0.0.1:${text}`) : hostAndPort(text)

const oneCharacter = (text: string): string => {
  if (/^[!-/:-@[-`{-~]$/.test(text)) return text
  throw new InvalidArgumentError('the delimiter is one printable ASCII character, no letter or digit')
}

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

interface RecordFlags {
  readonly listen: Place
  readonly to: Place
  readonly out: string
  readonly encoding: Encoding | 'auto'
  readonly delimiter: string
}

const record = async (flags: RecordFlags): Promise<void> => {
  const { listen, to, encoding, delimiter } = flags
  const sink = fileSink(flags.out, why =>
    tell(`录制停止，通讯照常：${why}\nrecording has stopped, the talk goes on: ${why}`),
  )
  const settings = { listen, to, sink, encoding, delimiter, clock: systemClock, key: randomBytes(32) }
  const recorder = await startRecorder(settings)
  tell(
    `录制 ${listen.host}:${recorder.port} → ${to.host}:${to.port}，写入 ${flags.out}；Ctrl-C 结束\nrecording into ${flags.out}; Ctrl-C ends it`,
  )
  await untilToldToStop(quiet, recorder)
}

const quiet = { info: () => {}, warn: (_fields: unknown, text: string) => tell(text) }

interface ReplayFlags {
  readonly as: 'ils' | 'kiosk'
  readonly listen?: Place
  readonly to?: Place
  readonly timing?: true
  readonly allowChanges?: true
  readonly with: readonly string[]
  readonly madeUp?: true
  readonly patience: number
}

const replay = async (file: string, flags: ReplayFlags, command: Command): Promise<void> => {
  const recording = readRecording(textOf(file))
  const pairs = await pairsOf(flags.with)
  if (flags.as === 'kiosk') return replayKiosk(recording, pairs, flags, command)
  const listen = flags.listen ?? { host: '127.0.0.1', port: 0 }
  const ils = await startFakeIls({
    recording,
    listen,
    clock: systemClock,
    timing: flags.timing === true,
    names: namesOf(pairs),
    told: (command, known) => {
      if (!known) tell(`? ${command}：录制里没有 / not in the recording`)
    },
  })
  tell(`按录制回答 answers as recorded: ${listen.host}:${ils.port}；Ctrl-C 结束`)
  await untilToldToStop(quiet, ils)
}

const pairsOf = async (given: readonly string[]): Promise<Map<string, string>> => {
  const pairs = new Map<string, string>()
  for (const pair of given) {
    const [masked = '', real = ''] = pair.split(/=(.*)/s)
    pairs.set(masked, masked.startsWith('*') ? await secretFrom(real, '', `${masked}: `) : real)
  }
  return pairs
}

const replayKiosk = async (
  recording: ReturnType<typeof readRecording>,
  pairs: ReadonlyMap<string, string>,
  flags: ReplayFlags,
  command: Command,
): Promise<void> => {
  if (!flags.to) return command.error('error: --as kiosk wants --to HOST:PORT', { exitCode: 2 })
  const wanting = secretsWanting(recording, pairs, request => flags.allowChanges === true || !isAct(request))
  if (wanting.length > 0 && !flags.madeUp)
    command.error(
      `error: ${wanting.join(' ')} stand for passwords that were masked, and would count as wrong ones there: give each by --with '${wanting[0]}=env:NAME', or say --made-up to send them as they stand`,
      { exitCode: 2 },
    )
  const outcomes = await runFakeKiosk({
    recording,
    to: flags.to,
    clock: systemClock,
    allowChanges: flags.allowChanges === true,
    names: namesOf(pairs),
    patience: flags.patience * 1000,
    told: ({ connection, command, state, differences }) => {
      const mark = { same: '=', differs: '≠', 'left-out': '-', 'not-sent': '✗' }[state]
      process.stdout.write(
        `${mark} ${connection} ${command}${differences.map(text => `\n    ${text}`).join('')}\n`,
      )
    },
  })
  const count = (state: string): number => outcomes.filter(outcome => outcome.state === state).length
  const left = count('left-out')
  tell(
    `相同 same ${count('same')}，不同 different ${count('differs')}，未发 not sent ${count('not-sent')}${left > 0 ? `，会改变数据而略过 left out (--allow-changes) ${left}` : ''}`,
  )
  if (count('differs') + count('not-sent') > 0) process.exitCode = 1
}

const gather = (pair: string, before: readonly string[]): readonly string[] => {
  if (/^[^=]+=.+$/s.test(pair)) return [...before, pair]
  throw new InvalidArgumentError('such as T0000001=R0001, or *1=env:PIN')
}

const seconds = (text: string): number => {
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number from 1 to 99')
}

/** Adds `shuqiao sip2 record` and `shuqiao sip2 replay`. */
export const addRecordVerbs = (sip2: Command): void => {
  sip2
    .command('record')
    .description(
      'stand between a machine and its library system, pass every byte, and write down a masked recording',
    )
    .requiredOption(
      '--listen <[host:]port>',
      'where the machine connects; this machine alone without a host',
      listenAt,
    )
    .requiredOption('--to <host:port>', 'the library system', hostAndPort)
    .requiredOption('--out <file>', 'a new file')
    .addOption(
      new Option('--encoding <charset>', 'of the wire').choices(['auto', ...encodings]).default('auto'),
    )
    .option('-d, --delimiter <character>', 'field delimiter', oneCharacter, '|')
    .action(record)
  sip2
    .command('replay')
    .description('play a recording: a library system that answers like it, or a machine that asks like it')
    .argument('<file>')
    .addOption(
      new Option('--as <side>', 'which side to play').choices(['ils', 'kiosk']).makeOptionMandatory(),
    )
    .option('--listen <[host:]port>', 'as ils: where machines connect', listenAt)
    .option('--to <host:port>', 'as kiosk: the library system', hostAndPort)
    .option('--timing', 'as ils: answer as late as was recorded')
    .option('--allow-changes', 'as kiosk: say also what changes something: loans, returns, fees')
    .option(
      '--with <masked=real>',
      'real values for made-up ones: T0000001=R0001; for secrets *1=env:PIN; may be repeated',
      gather,
      [],
    )
    .option(
      '--made-up',
      'as kiosk: send made-up passwords as they stand, to a library system that is played too',
    )
    .option('--patience <seconds>', 'as kiosk: how long an answer may take', seconds, 10)
    .action(replay)
}
