import type { Millis } from '../../../../kernel/clock.ts'

/**
 * What a plan wants done on the wire, one thing after the other: there is never more than one request under way.
 * `line` numbers the connections. A plan is a generator: it does nothing itself, so that every course a
 * conversation can take may be played without a socket.
 */
export type Step =
  | { readonly do: 'open'; readonly line: number; readonly tls: boolean }
  /** Hears what comes unasked: until `patience` has passed, or the text matches `until`. */
  | { readonly do: 'listen'; readonly line: number; readonly patience: Millis; readonly until: RegExp }
  /** `command` is that of the message, or `''` for what is no message (a line end, a word to a telnet prompt). */
  | {
      readonly do: 'say'
      readonly line: number
      readonly command: string
      readonly bytes: Uint8Array
      readonly patience: Millis
      /** Waits for no answer. */
      readonly deaf?: true
    }
  | { readonly do: 'close'; readonly line: number }
  | { readonly do: 'rest'; readonly millis: Millis }

/** How the other side ended a line. */
export type LineEnd = '\r' | '\n' | '\r\n' | '\n\r'

export type Heard =
  | { readonly heard: 'opened' }
  | { readonly heard: 'not-opened'; readonly code: string }
  | { readonly heard: 'line'; readonly bytes: Uint8Array; readonly end: LineEnd; readonly took: Millis }
  /** `bytes`: what came, without a line end. */
  | { readonly heard: 'silence'; readonly bytes: Uint8Array }
  | { readonly heard: 'closed'; readonly bytes: Uint8Array }
  /** More than any answer may be. */
  | { readonly heard: 'flood' }
  | { readonly heard: 'done' }

export type Plan<T> = Generator<Step, T, Heard>

/** The hands of a plan. None of them throws. */
export interface ProbeWire {
  open(line: number, tls: boolean): Promise<Heard>
  listen(line: number, patience: Millis, until: RegExp): Promise<Heard>
  say(line: number, bytes: Uint8Array, patience: Millis, deaf: boolean): Promise<Heard>
  close(line: number): void
  /** Closes whatever is open. */
  end(): void
}

/** What a probe may cost the other side. */
export interface Limits {
  /** Connections in all, those to look for the limit included. */
  readonly connections: number
  readonly requests: number
  /** Milliseconds between two requests, and before a connection. */
  readonly gap: Millis
  /** Milliseconds in all. */
  readonly time: Millis
}

export const usualLimits: Limits = { connections: 32, requests: 96, gap: 150, time: 240_000 }

/** Thrown into a plan that has used up what it may cost; it tells what it has found so far. */
export class Spent extends Error {
  readonly what: 'connections' | 'requests' | 'time'

  constructor(what: Spent['what']) {
    super(`the probe has used up its ${what}`)
    this.name = 'Spent'
    this.what = what
  }
}
