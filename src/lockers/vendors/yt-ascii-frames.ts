/**
 * Lines of the YT boards, both directions, without any IO. Asked: `YT+COMMAND=board[,value…]*CRC`, answered:
 * `+COMMAND:board[,value…]*CRC` or `+ERROR:board,text*CRC`, both ended by CR LF. The CRC is CRC-16/MODBUS of the text
 * before `*` in four hexadecimal digits, the high byte first; some firmware leaves `*CRC` out.
 */
import { crc16, inRange } from '../transport/bytes.ts'

export type YtRequest =
  | { readonly kind: 'ping' | 'read-board'; readonly board: number }
  | { readonly kind: 'open' | 'read-one'; readonly board: number; readonly lock: number }

/** `values` are what stands behind the board: which of them means what is the driver's business. */
export interface YtAnswer {
  readonly kind: YtRequest['kind']
  readonly board: number
  readonly values: readonly number[]
  /** The line bore its check. */
  readonly checked: boolean
}

/** What went wrong, in the board's own words. */
export interface YtError {
  readonly kind: 'error'
  readonly board: number
  readonly text: string
  readonly checked: boolean
}

export const maxBoard = 255
export const maxLock = 64

const commands = {
  ping: 'PING',
  open: 'OPENLOCK',
  'read-one': 'GETLOCKSTATUS',
  'read-board': 'GETALLLOCKSSTATUS',
} as const
type Kind = keyof typeof commands
const kindOf = (command: string): Kind | undefined =>
  (Object.keys(commands) as Kind[]).find(kind => commands[kind] === command)

/** The answer of a board with the most locks there are is shorter. */
const longestLine = 200
const [plus, letterY, lineFeed] = [0x2b, 0x59, 0x0a]

const check = (text: string): string => crc16(Buffer.from(text)).toString(16).toUpperCase().padStart(4, '0')
const line = (text: string, checked = true): Uint8Array =>
  Uint8Array.from(Buffer.from(checked ? `${text}*${check(text)}\r\n` : `${text}\r\n`))

interface Line {
  readonly text: string
  readonly checked: boolean
  readonly length: number
}

/** The line at the start of the bytes, without its end and its check; undefined where the check is wrong. */
const lineAt = (bytes: Uint8Array, first: number): Line | undefined => {
  if (bytes[0] !== first) return undefined
  const end = bytes.subarray(0, longestLine).indexOf(lineFeed)
  if (end < 2) return undefined
  const whole = Buffer.from(bytes.subarray(0, end + 1)).toString('latin1')
  const parts = /^([ -)+-~]+)(?:\*([0-9A-F]{4}))?\r\n$/.exec(whole)
  if (!parts) return undefined
  const [text, said] = [parts[1]!, parts[2]]
  if (said !== undefined && said !== check(text)) return undefined
  return { text, checked: said !== undefined, length: end + 1 }
}

/** Bytes of a question. Throws RangeError for a board or lock that no board of this family has. */
export const requestFrame = (request: YtRequest): Uint8Array => {
  const board = inRange('board', request.board, 0, maxBoard)
  const lock = 'lock' in request ? `,${inRange('lock', request.lock, 1, maxLock)}` : ''
  return line(`YT+${commands[request.kind]}=${board}${lock}`)
}

/** The question at the start of the bytes; one without its check too, as boards are said to take it. */
export const requestAt = (
  bytes: Uint8Array,
): { readonly value: YtRequest; readonly length: number } | undefined => {
  const found = lineAt(bytes, letterY)
  const parts = found && /^YT\+([A-Z]+)=(\d{1,3})(?:,(\d{1,3}))?$/.exec(found.text)
  const kind = parts && kindOf(parts[1]!)
  if (!parts || !kind) return undefined
  const [board, lock] = [Number(parts[2]), parts[3] === undefined ? undefined : Number(parts[3])]
  if (board > maxBoard) return undefined
  if (kind === 'ping' || kind === 'read-board')
    return lock === undefined ? { value: { kind, board }, length: found.length } : undefined
  return lock === undefined ? undefined : { value: { kind, board, lock }, length: found.length }
}

/** Bytes of an answer. */
export const answerFrame = (answer: YtAnswer | YtError): Uint8Array =>
  answer.kind === 'error'
    ? line(`+ERROR:${answer.board},${answer.text}`, answer.checked)
    : line(`+${commands[answer.kind]}:${[answer.board, ...answer.values].join(',')}`, answer.checked)

/** The answer at the start of the bytes. */
export const answerAt = (
  bytes: Uint8Array,
): { readonly value: YtAnswer | YtError; readonly length: number } | undefined => {
  const found = lineAt(bytes, plus)
  if (!found) return undefined
  const { text, checked, length } = found
  const error = /^\+ERROR:(\d{1,3}),(.{1,80})$/.exec(text)
  if (error && Number(error[1]) <= maxBoard)
    return { value: { kind: 'error', board: Number(error[1]), text: error[2]!, checked }, length }
  const parts = /^\+([A-Z]+):(\d{1,3})((?:,\d{1,5})*)$/.exec(text)
  const kind = parts && kindOf(parts[1]!)
  if (!parts || !kind || Number(parts[2]) > maxBoard) return undefined
  const values = parts[3]!.split(',').slice(1).map(Number)
  return { value: { kind, board: Number(parts[2]), values, checked }, length }
}
