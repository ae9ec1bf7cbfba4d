import type { Millis } from '../../kernel/clock.ts'
import type { Answer } from '../../kernel/problem.ts'

/** One HTTP call to a vendor's cloud. The bodies are never kept; the transcript has what `note` says. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** From the call to the last byte of the answer. */
  readonly deadline?: Millis
  readonly maxBytes?: number
  /** The other side takes the same call twice as once; GET always counts as such. */
  readonly repeatable?: boolean
  /** About one thing of many at the other side: that it fails, or is late, says nothing of the others. */
  readonly partial?: boolean
  readonly note: { readonly request: string; readonly reply: (reply: CallReply) => string }
}

export interface CallReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/**
 * The way out to one cloud, passed in: drivers of lockers have no HTTP client of their own. No answer, a late one, 429
 * and 5xx are `unreachable`, with `maybeDone` where the call may have arrived, and `notBefore` where they
 * say when to come again; everything else is a reply.
 */
export interface Caller {
  send(call: Call): Promise<Answer<CallReply>>
}
