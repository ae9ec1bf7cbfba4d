import type { Millis } from '../../../../kernel/clock.ts'
import type { Encoding } from '../encodings.ts'

/** What the person who asks knows, and allows. */
export interface Given {
  readonly host: string
  readonly port: number
  /** CN and CO; without a user nothing is tried that needs an account. */
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** CP at the log-in, AP of returns. */
  readonly location: string
  readonly terminalPassword: string
  readonly language: string
  /** AO; what 98 says when left out. */
  readonly institution?: string | undefined
  readonly encoding?: Encoding | undefined
  readonly timeZone?: string | undefined
  readonly tls: boolean
  /** What stands under `tls` in the settings: a file's name for `ca`, a fingerprint, a name. */
  readonly tlsSettings: Readonly<Record<string, string>>
  /** A card and an item for tests. */
  readonly patron?: string | undefined
  readonly pin?: string | undefined
  readonly item?: string | undefined
  /** Tries one wrong PIN on that card. */
  readonly wrongPin: boolean
  /** Lends that item to that card and takes it back. */
  readonly allowChanges: boolean
  /** How many connections are opened side by side at most; 1 leaves that question alone. */
  readonly sideBySide: number
  /** Milliseconds an answer may take. */
  readonly patience: Millis
  /** Milliseconds in which a server that speaks first is heard. */
  readonly greetingPatience: Millis
}

export const usualGiven: Omit<Given, 'host' | 'port'> = {
  location: '',
  terminalPassword: '',
  language: '019',
  tls: false,
  tlsSettings: {},
  wrongPin: false,
  allowChanges: false,
  sideBySide: 4,
  patience: 4000,
  greetingPatience: 1000,
}

/** A card and an item that no library has: asking for them reads, and changes nothing. */
export const nobodysCard = 'SHUQIAO-DOCTOR-0'
export const nobodysItem = 'SHUQIAO-DOCTOR-0'
