import type { Message } from '../codec.ts'
import { itemInformation } from '../requests.ts'
import type { Stranger } from './facts.ts'
import { nobodysItem } from './given.ts'
import type { Heard, Plan } from './step.ts'
import { type Manner, status99, type Talk, type Told } from './talk.ts'

/** Reaches the other side and finds how to be let in. True when questions can be asked. */
export function* firstWords(talk: Talk): Plan<boolean> {
  const { facts } = talk
  const opened = yield* talk.connect()
  if (opened.heard === 'not-opened') {
    if (facts.tls === 'no') facts.reach = { code: opened.code }
    else {
      facts.reach = { code: opened.code }
      facts.tlsProblem = opened.code
    }
    return false
  }
  facts.reach = 'ok'
  const greeted = yield* greeting(talk)
  if (greeted !== 'go-on') return greeted === 'in'
  if (yield* speaks(talk)) return yield* letIn(talk)
  if (facts.stranger) return false
  if (facts.tls === 'no' && facts.statusBefore !== '96' && (yield* tlsInstead(talk))) {
    if (yield* speaks(talk)) return yield* letIn(talk)
    if (facts.stranger) return false
  }
  if (facts.tlsProblem !== undefined) return false
  return yield* letIn(talk)
}

const prompt = /(?:login|user(?: ?name)?): ?$/i
const anyWord = /(?:login|user(?: ?name)?): ?$|[\r\n]|\xff/i

/** Some servers speak first: telnet prompts, and others that are no library system at all. */
function* greeting(talk: Talk): Plan<'in' | 'out' | 'go-on'> {
  const { facts, given } = talk
  const heard = yield { do: 'listen', line: talk.line, patience: given.greetingPatience, until: anyWord }
  let text = wordsOf(heard)
  if (heard.heard === 'line' && strangerIn(text) === undefined && !prompt.test(text))
    text += wordsOf(yield { do: 'listen', line: talk.line, patience: given.greetingPatience, until: prompt })
  if (heard.heard === 'flood') return strange(talk, 'flood', '')
  if (heard.heard === 'closed' && text === '') {
    facts.stranger = { is: 'closes', words: '' }
    if (facts.tls === 'no' && (yield* tlsInstead(talk))) {
      delete facts.stranger
      return 'go-on'
    }
    return 'out'
  }
  facts.greeting = text === '' ? 'none' : 'text'
  const stranger = strangerIn(text)
  if (stranger) return strange(talk, stranger, text)
  if (!prompt.test(text)) return 'go-on'
  facts.greeting = 'telnet'
  facts.login.form = 'telnet'
  if (given.user === undefined) return 'out'
  // The prompt has been heard already: a new line shows it again.
  if ((yield* talk.connect()).heard !== 'opened') return 'out'
  const within = yield* talk.telnet()
  facts.login.outcome = within ? 'well' : 'refused'
  if (!within) return 'out'
  talk.settled()
  return (yield* afterLogin(talk)) ? 'in' : 'out'
}

const strange = (talk: Talk, is: Stranger, words: string): 'out' => {
  talk.facts.stranger = { is, words: words.replaceAll(/[^ -~]/g, '.').slice(0, 60) }
  return 'out'
}

const wordsOf = (heard: Heard): string =>
  'bytes' in heard ? Buffer.from(heard.bytes).toString('latin1') : ''

const strangerIn = (text: string): Stranger | undefined => {
  if (/^SSH-/.test(text)) return 'ssh'
  if (/^HTTP\/|^<(!doctype|html)/i.test(text)) return 'web'
  if (/^\x15\x03/.test(text)) return 'tls'
  return /^220[ -]|^\+OK|^\* OK/.test(text) ? 'mail-or-files' : undefined
}

/**
 * 99 before any log-in, which harms nobody: with AY and AZ, then without; when CR alone is not taken for the end,
 * a line feed behind it completes the same message.
 */
function* speaks(talk: Talk): Plan<boolean> {
  const { facts } = talk
  for (const send of [true, false]) {
    if (!talk.isOpen && (yield* talk.connect()).heard !== 'opened') return false
    const told = yield* sayAndFinish(talk, status99, { send })
    facts.statusBefore = told.reaction
    if (told.reaction === 'answer') {
      facts.sums.send = send
      return true
    }
    const stranger = told.reaction === 'garbage' ? (strangerIn(told.words) ?? asBytes(told)) : undefined
    if (stranger === 'tls') return false
    if (stranger) {
      strange(talk, stranger, told.words)
      return false
    }
  }
  return false
}

const asBytes = (told: Told): Stranger | undefined => {
  if (told.bytes === undefined) return 'flood'
  const text = Buffer.from(told.bytes).toString('latin1')
  return strangerIn(text) ?? (told.reaction === 'garbage' ? 'text' : undefined)
}

/** A message, and where it is met with silence a line feed behind its CR. */
export function* sayAndFinish(talk: Talk, message: Message, manner: Manner = {}): Plan<Told> {
  const { facts } = talk
  const told = yield* talk.say(message, manner, true)
  if (told.reaction !== 'silence') return told
  if (facts.lines.ours !== 'cr') {
    yield* talk.hangUp()
    return told
  }
  if ((told.bytes?.length ?? 0) > 0) {
    yield* talk.hangUp()
    return told
  }
  const finished = yield* talk.finish()
  if (finished.reaction === 'answer' || finished.reaction === '96') facts.lines.ours = 'crlf'
  return finished
}

function* tlsInstead(talk: Talk): Plan<boolean> {
  const heard = yield* talk.connect(true)
  if (heard.heard === 'opened') {
    talk.facts.tls = 'found'
    return true
  }
  // A certificate that cannot be trusted is one all the same: TLS it is.
  if (heard.heard === 'not-opened' && /CERT|SIGNATURE|ISSUER|ALTNAME/.test(heard.code))
    talk.facts.tlsProblem = heard.code
  return false
}

/** The log-in, once; then what can be asked without, or with it. */
function* letIn(talk: Talk): Plan<boolean> {
  const { facts, given } = talk
  if (given.user === undefined) return yield* withoutLogin(talk)
  if (!talk.isOpen && (yield* talk.connect()).heard !== 'opened') return false
  let told = yield* sayAndFinish(talk, talk.loginMessage())
  // 96 says that the message was not looked at: the one case in which it may be said once more.
  if (told.reaction === '96') told = yield* talk.say(talk.loginMessage(), { send: !facts.sums.send })
  if (told.parsed?.fixed.ok === '1') {
    facts.login = { form: '93', outcome: 'well', words: '' }
    talk.settled()
    return yield* afterLogin(talk)
  }
  const refused = told.reaction === 'answer'
  facts.login = {
    form: refused ? '93' : 'unknown',
    outcome: refused ? 'refused' : 'unclear',
    words: told.words,
  }
  return yield* withoutLogin(talk)
}

/** Whether a question is answered without any log-in. */
function* withoutLogin(talk: Talk): Plan<boolean> {
  const { facts } = talk
  if (!talk.isOpen && (yield* talk.connect()).heard !== 'opened') return false
  const told = yield* sayAndFinish(talk, itemInformation(talk.scope(), nobodysItem))
  if (told.reaction !== 'answer') {
    facts.login.needed = true
    if (facts.statusBefore !== 'answer' && facts.login.outcome !== 'refused') silent(talk, told)
    return false
  }
  facts.login.needed = false
  facts.login.form = 'none'
  talk.settled()
  if (facts.statusBefore === 'answer') facts.statusAfter = 'answer'
  return true
}

const silent = (talk: Talk, told: Told): void => {
  const is = told.reaction === 'silence' ? 'silence' : 'closes'
  if (talk.facts.tlsProblem === undefined) talk.facts.stranger ??= { is, words: told.words }
}

function* afterLogin(talk: Talk): Plan<boolean> {
  const told = yield* talk.ask(status99)
  talk.facts.statusAfter = told.reaction
  return true
}
