import type { z } from 'zod'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, yes } from '../../kernel/problem.ts'
import { retryAfter } from '../../kernel/retry-after.ts'
import type { Call, Caller, CallReply } from '../transport/calls.ts'
import { readMessage } from './vendor-cloud-messages.ts'
import { keyRefused, lineClosed, refusalOf, tooMany, unreadable } from './vendor-cloud-problems.ts'
import type { CloudSettings } from './vendor-cloud-settings.ts'
import { type Md5Form, md5Forms, sudiyiHeaders } from './vendor-cloud-signing.ts'

export interface CloudAsk {
  readonly method: Call['method']
  /** Behind the address of the interface, with its query. */
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A person waits for it: only a rest that the cloud has named itself holds it back. */
  readonly urgent?: boolean
  readonly note: string
}

/** Signed calls to one cloud: which digest it takes, and how long it wants to be left alone. */
export interface CloudCalls {
  /** A reply below 400. */
  call(ask: CloudAsk): Promise<Answer<CallReply>>
  /** The same, read as a message. */
  read<T>(ask: Omit<CloudAsk, 'method'>, schema: z.ZodType<T>): Promise<Answer<T>>
  /** Until when nothing but what is urgent is asked; in the past while all is well. */
  restUntil(): Millis
  /** Ends every call with `locker-line-down`. */
  close(): void
}

const callDeadline: Millis = 8000
const firstRest: Millis = 5000
const longestRest: Millis = 300_000
/** They ask for patience: Sudiyi in its own way, others in that of HTTP. */
const haste = new Set(['locker-cloud-busy', 'too-many-requests'])

export const createCloudCalls = (
  chosen: Pick<CloudSettings, 'url' | 'signing'>,
  { clock, calls }: { readonly clock: Clock; readonly calls: Caller },
): CloudCalls => {
  const { signing } = chosen
  let md5: Md5Form = signing.how === 'sudiyi' ? signing.md5 : 'raw'
  let hasty = 0
  let rest: Millis = 0
  /** Named by the cloud: binds those who are in a hurry, too. */
  let closedUntil: Millis = 0
  let shut: (problem: Problem) => void = () => {}
  const closed = new Promise<Problem>(resolve => {
    shut = resolve
  })

  const headersFor = (method: string, path: string, body: string): Readonly<Record<string, string>> =>
    signing.how === 'bearer'
      ? {
          Authorization: `Bearer ${signing.key}`,
          ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
        }
      : sudiyiHeaders({ ...signing, md5 }, { method, path, body, at: clock.now() })

  const patient = (answer: Answer<CallReply>): Answer<CallReply> => {
    if (answer.ok || !haste.has(answer.problem.code)) {
      if (answer.ok) hasty = 0
      return answer
    }
    const now = clock.now()
    const { notBefore, their } = answer.problem
    hasty += 1
    closedUntil = Math.max(closedUntil, notBefore ?? 0)
    rest = Math.max(rest, closedUntil, now + Math.min(firstRest * 2 ** (hasty - 1), longestRest))
    // Whoever says "too many" has done nothing.
    return no({ ...tooMany, notBefore: rest, ...(their ? { their } : {}) })
  }

  const send = async (ask: CloudAsk): Promise<Answer<CallReply>> => {
    const until = ask.urgent ? closedUntil : rest
    if (clock.now() < until) return no({ ...tooMany, notBefore: until })
    const url = new URL(`${chosen.url.replace(/\/$/, '')}${ask.path}`)
    const answer = calls.send({
      method: ask.method,
      url: url.href,
      headers: { ...headersFor(ask.method, url.pathname, ask.body ?? ''), ...ask.headers },
      ...(ask.body === undefined ? {} : { body: ask.body }),
      deadline: callDeadline,
      maxBytes: 256 * 1024,
      // Every call is about one cabinet, and a dead one must not cost the others their line.
      partial: true,
      note: { request: ask.note, reply: reply => `${ask.note} ${reply.status}` },
    })
    const first = await Promise.race([answer, closed.then(no)])
    if (!first.ok || first.value.status < 400) return patient(first)
    const notBefore = retryAfter(first.value.headers?.['retry-after'], clock.now())
    const refusal = refusalOf(first.value.status)
    return patient(notBefore === undefined ? no(refusal) : no({ ...refusal, notBefore }))
  }

  /** Where the cloud refuses a signature, the other forms of the body's digest are tried once, and kept when one fits. */
  const call = async (ask: CloudAsk): Promise<Answer<CallReply>> => {
    const first = await send(ask)
    if (first.ok || first.problem.code !== keyRefused.code || signing.how !== 'sudiyi') return first
    const before = md5
    for (const form of md5Forms.filter(one => one !== before)) {
      md5 = form
      const again = await send(ask)
      if (again.ok || again.problem.code !== keyRefused.code) return again
    }
    md5 = before
    return first
  }

  return {
    call,
    read: async (ask, schema) => {
      const answer = await call({ ...ask, method: 'GET' })
      if (!answer.ok) return answer
      const message = readMessage(schema, answer.value.body.toString('utf8'))
      return message === undefined ? no(unreadable) : yes(message)
    },
    restUntil: () => rest,
    close: () => shut(lineClosed),
  }
}
