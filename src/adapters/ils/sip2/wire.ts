import type { Answer } from '../../../kernel/problem.ts'
import { buildMessage, type Message, type Parsed, parseMessage, type Unreadable } from './codec.ts'
import type { Encoding } from './encodings.ts'
import { longestValue } from './fields.ts'
import type { BuildOptions, Caps } from './message.ts'
import type { Profile } from './profile.ts'

export const terminators = { cr: '\r', lf: '\n', crlf: '\r\n', lfcr: '\n\r' } as const

/** How one library system's bytes are written and read, by its profile. */
export interface Wire {
  /** `note` is told what was changed to fit: `replaced: AF`. */
  write(message: Message, sequence: number | null, note: (what: string) => void): Answer<Uint8Array>
  /** `toLogin`: the answer to 93, which may be in another charset. */
  read(bytes: Uint8Array, toLogin: boolean): Parsed | Unreadable
  /** Whether the checksum of an answer is as the profile wants it. */
  isSound(parsed: Parsed): boolean
  /** The AY that follows; always 4 by the rule of dp2, null without error detection. */
  next(sequence: number): number | null
  readonly terminator: string
}

export const createWire = (profile: Profile): Wire => {
  const { encoding, delimiter, sendChecksum, checksumRule, trailingAsciiField, verifyChecksum } = profile
  const terminator = terminators[profile.terminator]
  const answers: Encoding = profile.answerEncoding === 'same' ? encoding : profile.answerEncoding
  const login: Encoding | undefined = profile.loginEncoding === 'same' ? undefined : profile.loginEncoding
  const caps = capsOf(profile)
  const checksum = sendChecksum && (checksumRule === 'bytes' ? true : checksumRule)
  const options: Omit<BuildOptions, 'note'> = {
    encoding,
    delimiter,
    checksum,
    terminator,
    trailingAsciiField,
    ...(caps ? { caps } : {}),
  }
  const lineEndsInside = profile.answerTerminator !== 'any'
  return {
    terminator,
    next: sequence => (!sendChecksum ? null : checksumRule === 'dp2' ? 4 : (sequence + 1) % 10),
    write: (message, sequence, note) => {
      const isLogin = message.command === '93'
      const ours = isLogin && profile.percentEncodeLogin ? percentEncoded(message) : message
      const charset = isLogin ? (login ?? encoding) : encoding
      return buildMessage({ ...ours, sequence }, { ...options, encoding: charset, note })
    },
    read: (bytes, toLogin) =>
      parseMessage(bytes, {
        encoding: toLogin ? (login ?? answers) : answers,
        delimiter,
        lenientSplit: profile.lenientSplit,
        lineEndsInside,
      }),
    isSound: ({ checksum: verdict, command }) => {
      if (verifyChecksum === 'off' || verdict === 'ok' || verdict === `ok:${checksumRule}`) return true
      if (verdict === 'wrong') return false
      // A bare 96 is common; it never says that anything was done.
      return verifyChecksum === 'lenient' || (verdict === 'absent' && command === '96')
    },
  }
}

/** Undefined where the protocol's own 255 characters are all there is to count. */
const capsOf = (profile: Profile): Caps | undefined => {
  const { longestValue: valueCharacters, longestValueBytes: valueBytes, longestRequestBytes } = profile
  if (valueCharacters === longestValue && valueBytes === 0 && longestRequestBytes === 0) return undefined
  return { valueCharacters, valueBytes, messageBytes: longestRequestBytes }
}

const percentEncoded = (message: Message): Message => ({
  ...message,
  fields: message.fields.map(([id, value]) => [
    id,
    value.toWellFormed().replaceAll(/[^ -~]/gu, char => encodeURIComponent(char)),
  ]),
})
