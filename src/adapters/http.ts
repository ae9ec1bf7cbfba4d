import type { Dispatcher } from 'undici'
import type { Clock, Millis } from '../kernel/clock.ts'
import { type Answer, garbled, no, type Problem, unreachable, yes } from '../kernel/problem.ts'
import { retryAfter } from '../kernel/retry-after.ts'
import type { Transcript } from '../kernel/transcript.ts'
import { type BreakerRule, type BreakerState, createBreaker } from './breaker.ts'

export interface HttpSettings {
  /** As a function it is made at the first call: a gateway that has not called anybody yet starts without it. */
  readonly agent: Dispatcher | (() => Promise<Dispatcher>)
  readonly clock: Clock
  /** Runs the deadlines; another clock than `clock` where a test moves time while sockets are busy. */
  readonly deadlines?: Clock
  readonly transcript: Transcript
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** From the call to the last byte of the answer, all tries together. */
  readonly deadline?: Millis
  readonly maxBytes?: number
  /** The other side takes the same request twice as once; GET always counts as such. */
  readonly repeatable?: boolean
  /**
   * About one thing of many at the other side (one cabinet of a cloud): a 429, a 5xx or a late answer speaks of that
   * thing and does not count for the breaker, which is the whole party's.
   */
  readonly partial?: boolean
  /** What the transcript keeps. The bodies themselves are never kept. */
  readonly note: { readonly request: string; readonly reply: (reply: HttpReply) => string }
}

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** One party we call. Its breaker is its own: a dead peer costs the others nothing. */
export interface HttpPeer {
  readonly name: string
  /**
   * Any HTTP answer below 500 except 429 is a value: what it means is the adapter's knowledge.
   * No answer, a late one, 429 and 5xx are `unreachable`; `maybeDone` says that the request may have arrived,
   * `notBefore` what their Retry-After says, within an hour.
   */
  send(request: HttpRequest): Promise<Answer<HttpReply>>
  state(): BreakerState
}

const defaults = { deadline: 10_000, maxBytes: 1024 * 1024 }

/** The one outbound HTTP client: a deadline, a bound on the answer, a breaker and a transcript for every call. */
export const createHttp = (settings: HttpSettings) => ({
  peer: (name: string, rule: Partial<BreakerRule> = {}): HttpPeer => {
    const breaker = createBreaker(
      settings.clock,
      rule,
      (request: HttpRequest) => exchange(settings, request),
      ({ code }, { partial }) => !partial || !ofOneThing.has(code),
    )
    const note = (direction: '>' | '<', text: string): void =>
      settings.transcript({ at: settings.clock.now(), peer: name, direction, text })
    const send = async (request: HttpRequest): Promise<Answer<HttpReply>> => {
      note('>', request.note.request)
      const answer = await breaker.fire(request)
      note('<', answer.ok ? request.note.reply(answer.value) : `(${answer.problem.code})`)
      return answer
    }
    return { name, send, state: breaker.state }
  },
})
export type Http = ReturnType<typeof createHttp>

const exchange = async (settings: HttpSettings, request: HttpRequest): Promise<Answer<HttpReply>> => {
  const abort = new AbortController()
  const cancel = (settings.deadlines ?? settings.clock).after(request.deadline ?? defaults.deadline, () =>
    abort.abort(),
  )
  try {
    const { agent } = settings
    const dispatcher = typeof agent === 'function' ? await agent() : agent
    const first = await once(settings, dispatcher, request, abort.signal)
    return worthRepeating(first, request) && !abort.signal.aborted
      ? await once(settings, dispatcher, request, abort.signal)
      : first
  } finally {
    cancel()
  }
}

/** A lost connection is tried once more, at once; waiting and trying later is the outbox's business. */
const worthRepeating = (answer: Answer<HttpReply>, request: HttpRequest): boolean =>
  !answer.ok &&
  (answer.problem.code === 'connection-lost' || answer.problem.code === 'no-connection') &&
  (request.method === 'GET' || request.repeatable === true)

const once = async (
  { clock }: HttpSettings,
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<Answer<HttpReply>> => {
  const undici = await import('undici')
  try {
    const { statusCode, headers, body } = await undici.request(request.url, {
      dispatcher,
      signal,
      method: request.method,
      headers: request.headers ?? {},
      body: request.body ?? null,
    })
    const bytes = await readBounded(body, request.maxBytes ?? defaults.maxBytes)
    if (bytes === undefined) return no(marked(tooLarge, request))
    if (statusCode === 429 || statusCode >= 500) {
      const notBefore = retryAfter(headers['retry-after'], clock.now())
      const problem = failing(statusCode)
      return no(marked(notBefore === undefined ? problem : { ...problem, notBefore }, request))
    }
    return yes({ status: statusCode, headers, body: bytes })
  } catch (thrown) {
    return no(failure(thrown, request, signal))
  }
}

const readBounded = async (body: AsyncIterable<Buffer>, max: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > max) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const marked = (problem: Problem, request: HttpRequest): Problem =>
  request.method === 'GET' ? problem : { ...problem, maybeDone: true }

const ofOneThing: ReadonlySet<string> = new Set(['server-error', 'too-many-requests', 'deadline-passed'])

const failing = (status: number): Problem =>
  unreachable(
    status === 429 ? 'too-many-requests' : 'server-error',
    { zh: '对方服务暂时不可用。', en: 'The other side cannot serve us at the moment.' },
    { their: { code: String(status) } },
  )
const tooLarge = garbled('reply-too-large', {
  zh: '对方的回复过大，已停止接收。',
  en: 'The answer was larger than allowed and was not read to its end.',
})
const late = unreachable('deadline-passed', {
  zh: '对方没有在规定时间内回复。',
  en: 'No answer came in time.',
})
const lost = unreachable('connection-lost', {
  zh: '与对方的连接中断。',
  en: 'The connection broke before the answer came.',
})
const noConnection = unreachable('no-connection', {
  zh: '无法连接到对方。',
  en: 'No connection could be made.',
})

const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

const failure = (thrown: unknown, request: HttpRequest, signal: AbortSignal): Problem => {
  if (signal.aborted) return marked(late, request)
  const code = (thrown as { code?: unknown }).code
  if (typeof code === 'string' && neverSent.has(code)) return { ...noConnection, their: { code } }
  if (code === 'UND_ERR_INVALID_ARG' || thrown instanceof TypeError) throw thrown
  return { ...marked(lost, request), ...(typeof code === 'string' ? { their: { code } } : {}) }
}
