import type { Millis } from '../../kernel/clock.ts'
import type { Answer } from '../../kernel/problem.ts'

/** Where in the heard bytes an answer lies, and what it says. */
export interface Found<T> {
  readonly value: T
  readonly start: number
  readonly end: number
}

/** One question on a line: its bytes, and how its answer is known among whatever else is heard. */
export interface Ask<T> {
  /** Command, board and lock: two questions with one key have answers that cannot be told apart. */
  readonly key: string
  /** Goes before every question that is not. */
  readonly urgent: boolean
  /** It moves something: without an answer it may have happened. Such a question is sent once, never repeated. */
  readonly acts: boolean
  readonly request: Uint8Array
  /** True when no answer can equal the request byte for byte, so that a copy of it can only be an echo. */
  readonly echoProof: boolean
  /** How often the request is sent at most; 1 where it acts. */
  readonly tries: number
  /** Questions of one kin have answers that cannot be told apart; the key where left out. */
  readonly kin?: string
  /** Where a board need not answer: after so long without an answer it counts as said, and no line as silent. */
  readonly silence?: { readonly after: Millis; readonly means: T }
  /** Told at each sending. */
  sent?(at: Millis): void
  /** Whether a sound answer of another board lies in the bytes; asked only when there was none to this question. */
  foreign?(heard: Uint8Array): boolean
  /** First answer in the bytes heard since the request, junk before it skipped; undefined while there is none. */
  find(heard: Uint8Array): Found<T> | undefined
}

/** An answer, and whether it might be the echo of the question (only while the line's habit is unknown). */
export interface Reply<T> {
  readonly value: T
  readonly doubtful: boolean
}

/** Whether the line's adapter repeats what it sends; unknown until a question shows it, anew per connection. */
export type Echo = 'yes' | 'no' | 'unknown'

/** Pauses of a half-duplex line, in milliseconds. */
export interface LineTiming {
  /** Silence before a request after the last byte heard: 3.5 characters + 1 ms = 5 at 9600 baud. */
  readonly gap: Millis
  /** No request within so long after the one before. */
  readonly afterSend: Millis
  /** No two acts of the line within so long of each other: what the supply of the cabinet bears. */
  readonly betweenActs?: Millis
  /** Without an answer so long after the request, there is none. */
  readonly deadline: Millis
  /** How long after that an answer may still come and must not be taken for another's. */
  readonly late: Millis
  /** A question that could not be sent for so long is not sent at all: nobody waits at the door any more. */
  readonly patience: Millis
}

/** The one asker of a line: one question at a time, in turn, openings first. */
export interface LineBus {
  /**
   * `unreachable/locker-line-down`: not connected; `locker-line-busy`: not sent, too many wait; `locker-no-answer`;
   * `garbled/locker-answer-garbled`: bytes came, no answer among them; `garbled/locker-answer-foreign`: the answer
   * of another board, and none to this question. `maybeDone` when an act had been sent.
   */
  ask<T>(ask: Ask<T>): Promise<Answer<Reply<T>>>
  up(): boolean
  echo(): Echo
  /** Bytes through this line since it was made; for health pages. */
  traffic(): { readonly sent: number; readonly received: number; readonly stray: number }
  /** One listener at a time hears every byte that comes, answers too, as it comes. Returns the way to stop hearing. */
  overhear(listener: (chunk: Uint8Array) => void): () => void
  close(): Promise<void>
}

/** The first place in the heard bytes at which `read` finds an answer, and how long that is. */
export const scan =
  <T>(read: FrameAt<T>) =>
  (heard: Uint8Array): Found<T> | undefined => {
    for (let start = 0; start < heard.length; start++) {
      const found = read(heard.subarray(start))
      if (found) return { value: found.value, start, end: start + found.length }
    }
    return undefined
  }

/** Reads a sound frame at the start of the bytes; undefined where none begins, or where it is not all there. */
export type FrameAt<A> = (bytes: Uint8Array) => { readonly value: A; readonly length: number } | undefined

/**
 * How an answer is known in a family whose frames name their board: `ours` takes the frame that answers this question,
 * `others` says of a frame that it is another board's.
 */
export const answered = <A, T>(
  frameAt: FrameAt<A>,
  ours: (frame: A) => T | undefined,
  others: (frame: A) => boolean,
): Pick<Required<Ask<T>>, 'find' | 'foreign'> => ({
  find: scan(bytes => {
    const frame = frameAt(bytes)
    const value = frame && ours(frame.value)
    return value === undefined ? undefined : { value, length: frame!.length }
  }),
  foreign: heard =>
    scan(bytes => {
      const frame = frameAt(bytes)
      return frame && others(frame.value) ? frame : undefined
    })(heard) !== undefined,
})

/** A finder of answers of one length: the first window of the heard bytes that `read` accepts. */
export const fixedLength = <T>(length: number, read: (frame: Uint8Array) => T | undefined): Ask<T>['find'] =>
  scan(rest => {
    const value = rest.length < length ? undefined : read(rest.subarray(0, length))
    return value === undefined ? undefined : { value, length }
  })
