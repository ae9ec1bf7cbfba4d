import { isUtf8 } from 'node:buffer'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isUnreadable, parseMessage } from '../adapters/ils/sip2/codec.ts'
import type { Encoding } from '../adapters/ils/sip2/encodings.ts'
import { maskedText, personalOf } from '../adapters/ils/sip2/masking.ts'
import { messages } from '../adapters/ils/sip2/messages.ts'
import { closestDialect } from '../adapters/ils/sip2/probe/closest.ts'
import type { Facts } from '../adapters/ils/sip2/probe/facts.ts'
import type { Given } from '../adapters/ils/sip2/probe/given.ts'
import { probe } from '../adapters/ils/sip2/probe/plan.ts'
import { runPlan } from '../adapters/ils/sip2/probe/run.ts'
import { settingsText } from '../adapters/ils/sip2/probe/settings-text.ts'
import {
  type Heard,
  type Limits,
  type ProbeWire,
  type Step,
  usualLimits,
} from '../adapters/ils/sip2/probe/step.ts'
import { switchesOf } from '../adapters/ils/sip2/probe/switches.ts'
import { topics, type Verdict } from '../adapters/ils/sip2/probe/verdict.ts'
import { isOutside, verdictsOf } from '../adapters/ils/sip2/probe/verdicts.ts'
import type { Clock } from '../kernel/clock.ts'
import { misconfigured, ProblemError, type Words } from '../kernel/problem.ts'

export type Lang = 'zh' | 'en'

/** What one examination found: its verdicts, and the settings to paste where questions could be asked. */
export interface Examination {
  readonly facts: Facts
  readonly verdicts: readonly Verdict[]
  readonly settings?: string
  readonly dialect?: string
}

/** Examines a library system over a wire. `told` hears of every step before it is taken. */
export const examineSip2 = async (
  given: Given,
  wire: ProbeWire,
  clock: Clock,
  told: (step: Step) => void = () => {},
  limits: Limits = usualLimits,
): Promise<Examination> => {
  const facts = await runPlan(probe(given, clock), wire, clock, limits, told)
  const verdicts = verdictsOf(facts, given)
  if (isOutside(facts)) return { facts, verdicts }
  const closest = closestDialect(switchesOf(facts, given), facts)
  const day = Temporal.Instant.fromEpochMilliseconds(clock.now()).toString().slice(0, 10)
  const open = verdicts.filter(({ state }) => state === 'unknown').map(({ topic }) => topics[topic])
  const head = [
    `由 shuqiao doctor sip2 ${given.host}:${given.port} 于 ${day} 写出。`,
    `Written by shuqiao doctor sip2 ${given.host}:${given.port} on ${day}.`,
    ...(open.length === 0
      ? []
      : [
          `没有查明：${open.map(topic => topic.zh).join('、')}`,
          `Not found out: ${open.map(topic => topic.en).join(', ')}`,
        ]),
  ]
  return {
    facts,
    verdicts,
    settings: settingsText(given, facts, closest, head),
    dialect: closest.dialect.name,
  }
}

const marks = { found: '✓', look: '!', unknown: '?', bad: '✗' } as const

/** One verdict as people read it: what it is about, what was found, and what to do. */
export const verdictLine = ({ topic, state, say, help }: Verdict, lang: Lang): string => {
  const line = `${marks[state]} ${topics[topic][lang]}${lang === 'zh' ? '：' : ': '}${say[lang]}`
  return help === undefined ? line : `${line}\n    → ${help[lang]}`
}

/** What will be done, told before anything is. */
export const announcement = (given: Given, lang: Lang, limits: Limits = usualLimits): string => {
  const { host, port, sideBySide, allowChanges, user } = given
  const words: Words = {
    zh: [
      `探测 ${host}:${port}。一次只发一个请求，间隔 ${limits.gap} 毫秒；最多 ${limits.connections} 次连接、${limits.requests} 个请求。`,
      sideBySide > 1 ? `最后同时打开至多 ${sideBySide} 个连接，看对方允许几个。` : '不试同时连接数。',
      user === undefined ? '没有账号，不登录。' : '账号只在被接受后才再用：一次不成就不再试，以免被锁。',
      allowChanges ? '会把试验册借给试验证并还回一次。' : '只查询，不改变任何东西。',
    ].join(''),
    en: [
      `Probing ${host}:${port}: one request at a time, ${limits.gap} ms apart; at most ${limits.connections} connections and ${limits.requests} requests. `,
      sideBySide > 1
        ? `In the end up to ${sideBySide} connections side by side, to see how many are allowed. `
        : 'Connections side by side are not tried. ',
      user === undefined
        ? 'No account, no log-in. '
        : 'The account is used again only once it was accepted: after one failure it is not tried again, lest it be locked. ',
      allowChanges
        ? 'The test item is lent to the test card and taken back, once.'
        : 'Questions only: nothing is changed.',
    ].join(''),
  }
  return words[lang]
}

/** Every message as it leaves, masked: for `--wire`. */
export const shownStep = (step: Step): string | undefined => {
  if (step.do === 'open') return `  (${step.line}) ${step.tls ? 'TLS' : 'TCP'}`
  if (step.do !== 'say' || step.command === '') return undefined
  const { bytes } = step
  const parsed = parseMessage(bytes, { encoding: charsetOf(bytes), delimiter: delimiterOf(bytes) })
  return isUnreadable(parsed) ? undefined : `  (${step.line}) > ${maskedText(parsed)}`
}

const charsetOf = (bytes: Uint8Array): Encoding => (isUtf8(bytes) ? 'utf-8' : 'gb18030')

/** Every field of a question ends in it; a wrong one would hide where a password begins. */
const delimiterOf = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString('latin1')
  const end = /([!-/:-@[-`{-~])(?:AY\d(?:AZ[0-9A-F]{4})?)?[\r\n]*$/.exec(text)
  return end?.[1] ?? '|'
}

/** A wire that shows what is heard as well, masked, also where an answer repeats what the question held. */
export const shownWire = (wire: ProbeWire, show: (line: string) => void): ProbeWire => ({
  open: (line, tls) => wire.open(line, tls),
  listen: (line, patience, until) => wire.listen(line, patience, until),
  close: line => wire.close(line),
  end: () => wire.end(),
  say: async (line, bytes, patience, deaf) => {
    const heard = await wire.say(line, bytes, patience, deaf)
    if (!deaf) show(`  (${line}) < ${shownAnswer(bytes, heard)}`)
    return heard
  },
})

const shownAnswer = (question: Uint8Array, heard: Heard): string => {
  if (heard.heard !== 'line') return `(${heard.heard})`
  const delimiter = delimiterOf(question)
  const answer = parseMessage(heard.bytes, { encoding: charsetOf(heard.bytes), delimiter })
  if (isUnreadable(answer) || !messages.has(answer.command)) return `(${heard.bytes.length} bytes)`
  const asked = parseMessage(question, { encoding: charsetOf(question), delimiter })
  return maskedText(answer, isUnreadable(asked) ? undefined : personalOf(asked.fields))
}

/** Throws where the settings could not be written later on: before anything is asked. */
export const checkWritable = (file: string): void => {
  if (existsSync(file)) throw unwritable(file, 'EEXIST')
  if (!existsSync(dirname(file))) throw unwritable(file, 'ENOENT')
}

/** Writes the settings where they were asked for; refuses to write over a file. */
export const writeSettings = (file: string, text: string): void => {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
  } catch (thrown) {
    throw unwritable(file, thrown instanceof Error ? thrown.message : String(thrown), thrown)
  }
}

const unwritable = (file: string, text: string, cause?: unknown): ProblemError => {
  const say = {
    zh: `无法写入 ${file}（不覆盖已有的文件）`,
    en: `${file} cannot be written (no file is written over)`,
  }
  return new ProblemError(misconfigured('file-unwritable', say, { their: { text } }), { cause })
}
