import type { Words } from '../../kernel/problem.ts'
import { type FrameAt, scan } from '../transport/bus.ts'
import { crc16, sound, xor } from '../transport/bytes.ts'
import * as aa55 from './aa55-crc8-frames.ts'
import { commAt, f3At, opening5a5aAt } from './blind-frames.ts'
import * as scu from './f5-scu-frames.ts'
import * as kerong from './kerong-cu-frames.ts'
import * as cu48 from './kerong-cu48-frames.ts'
import * as winnsen from './winnsen-frames.ts'
import * as wkly from './wkly-frames.ts'
import * as xorBoard from './xor-board-frames.ts'
import * as yt from './yt-ascii-frames.ts'

/** Boards whose frames were found in some bytes. */
export interface Recognised {
  /** `xor-8a`; for boards without a driver the name in the list of families. */
  readonly family: string
  /** Such boards can be run; `family` is the driver to name in the settings. */
  readonly driven: boolean
  readonly say: Words
  /** Sound frames found, and their bytes together. */
  readonly frames: number
  readonly bytes: number
}

/** Answers of the XOR boards have neither head nor length: one lock, a group of eight, or as many bytes as fit. */
const xorAnswerAt: FrameAt<unknown> = bytes => {
  if (bytes[0] === 0x81 && bytes.length >= 5 && sound(xor, bytes.subarray(0, 5)))
    return { value: 5, length: 5 }
  if (bytes[0] !== 0x8a && bytes[0] !== 0x80) return undefined
  for (const length of [11, 10, 9, 8, 7, 6, 5]) {
    const frame = bytes.subarray(0, length)
    const told = length === 5 ? frame[3] === 0x00 || frame[3] === 0x11 : frame[length - 2] === 0x33
    if (frame.length === length && told && sound(xor, frame)) return { value: length, length }
  }
  return undefined
}

/**
 * Commands that sources tell of in different ways (9A, 9B hold and release, 9D walks through all locks) and what custom
 * firmware says unasked (82): never sent and never believed.
 */
const xorOddAt: FrameAt<unknown> = bytes =>
  [0x82, 0x9a, 0x9b, 0x9d].includes(bytes[0] ?? 0) && bytes.length >= 5 && sound(xor, bytes.subarray(0, 5))
    ? { value: bytes[0], length: 5 }
    : undefined

const modbusFunctions = [0x01, 0x02, 0x05, 0x0f]
/** A question or an answer of the relay functions, or an exception to one. */
const modbusAt: FrameAt<unknown> = bytes => {
  const code = bytes[1] ?? 0
  if (!modbusFunctions.includes(code & 0x7f) || bytes[0] === 0 || bytes[0]! > 247) return undefined
  for (const length of code > 0x80 ? [5] : [8, 5 + (bytes[2] ?? 0), 9 + (bytes[6] ?? 0)]) {
    const frame = bytes.subarray(0, length)
    if (frame.length === length && crc16(frame) === 0) return { value: code, length }
  }
  return undefined
}

/** The same behind an MBAP header, which has no check: protocol, length, function and data must agree. */
const mbapAt: FrameAt<unknown> = bytes => {
  if (
    bytes.length < 9 ||
    bytes[2] !== 0 ||
    bytes[3] !== 0 ||
    bytes[4] !== 0 ||
    bytes[6] === 0 ||
    bytes[6]! > 247
  )
    return undefined
  const [rest, code] = [bytes[5]!, bytes[7]!]
  if (!modbusFunctions.includes(code & 0x7f) || bytes.length < 6 + rest) return undefined
  const question = code === 0x0f ? 7 + (bytes[12] ?? 0) : 6
  const answer = code > 0x80 ? 3 : code === 0x05 || code === 0x0f ? 6 : 3 + bytes[8]!
  return rest === answer || (code < 0x80 && rest === question) ? { value: code, length: 6 + rest } : undefined
}

const driven = (name: Words): Words => ({ zh: `${name.zh}，可用。`, en: `${name.en}; it can be used.` })
const blind = (name: Words): Words => ({
  zh: `${name.zh}：没有公开资料说明它怎样报告门的开关状态，因此不支持；请向厂家索取状态应答的说明。`,
  en: `${name.en}: nothing published tells how it reports its doors, so it is not supported; ask the maker how states are answered.`,
})

const families: readonly {
  readonly family: string
  readonly driven: boolean
  readonly say: Words
  readonly at: readonly FrameAt<unknown>[]
}[] = [
  {
    family: 'xor-8a',
    driven: true,
    say: driven({ zh: '8A/80 异或校验锁控板', en: 'XOR lock board (8A, 80)' }),
    at: [xorBoard.requestAt, xorAnswerAt, xorOddAt],
  },
  {
    family: 'wkly',
    driven: true,
    say: driven({ zh: 'WKLY 锁控板（57 4B 4C 59）', en: 'WKLY lock board (57 4B 4C 59)' }),
    at: [wkly.requestAt, wkly.answerAt],
  },
  {
    family: 'kerong-cu',
    driven: true,
    say: driven({ zh: 'KERONG 12/16 路锁控板', en: 'KERONG board of 12 or 16 locks' }),
    at: [kerong.requestAt, kerong.stateAt],
  },
  {
    family: 'kerong-cu48',
    driven: true,
    say: driven({ zh: 'KERONG 48 路锁控板', en: 'KERONG board of 48 locks' }),
    at: [cu48.requestAt, cu48.answerAt],
  },
  {
    family: 'f5-scu',
    driven: true,
    say: driven({ zh: 'F5 单锁控制板', en: 'single-lock board (F5)' }),
    at: [scu.requestAt, scu.answerAt],
  },
  {
    family: 'winnsen',
    driven: true,
    say: driven({ zh: 'Winnsen 锁控板（90）', en: 'Winnsen lock board (90)' }),
    at: [winnsen.requestAt, winnsen.answerAt],
  },
  {
    family: 'aa55-crc8',
    driven: true,
    say: driven({ zh: 'AA 55 柜控板', en: 'cabinet board AA 55' }),
    at: [aa55.frameAt],
  },
  {
    family: 'yt-ascii',
    driven: true,
    say: driven({ zh: 'YT 文本指令锁控板', en: 'YT board with text commands' }),
    at: [yt.requestAt, yt.answerAt],
  },
  {
    family: 'modbus-rtu',
    driven: true,
    say: driven({ zh: 'Modbus RTU 继电器板', en: 'Modbus RTU relay board' }),
    at: [modbusAt],
  },
  {
    family: 'modbus-tcp',
    driven: true,
    say: driven({ zh: 'Modbus TCP 继电器板', en: 'Modbus TCP relay board' }),
    at: [mbapAt],
  },
  {
    family: 'x5a5a',
    driven: false,
    say: blind({ zh: '5A 5A 锁控板', en: 'board 5A 5A' }),
    at: [opening5a5aAt],
  },
  { family: 'f3-lrc', driven: false, say: blind({ zh: 'F3 锁控板', en: 'board F3' }), at: [f3At] },
  {
    family: 'comm-ascii',
    driven: false,
    say: blind({ zh: 'comm/sync 文本节点板', en: 'node board with comm and sync lines' }),
    at: [commAt],
  },
]

/** More than a page of a maker's document, or a minute of a line at 9600 baud, is not looked at. */
const lookedAt = 64_000

/** Whose frames these bytes hold, junk between them passed over; the likeliest family first, none when there is none. */
export const recognise = (heard: Uint8Array): readonly Recognised[] => {
  const bytes = heard.subarray(0, lookedAt)
  return families
    .map(({ at, ...family }) => ({ ...family, ...counted(bytes, at) }))
    .filter(one => one.frames > 0)
    .sort((a, b) => b.bytes - a.bytes)
}

const counted = (
  bytes: Uint8Array,
  at: readonly FrameAt<unknown>[],
): { readonly frames: number; readonly bytes: number } => {
  const find = scan(rest => {
    const found = at.map(one => one(rest)).find(one => one !== undefined)
    return found && { value: undefined, length: found.length }
  })
  const total = { frames: 0, bytes: 0 }
  for (let rest = bytes, next = find(rest); next; next = find(rest)) {
    total.frames += 1
    total.bytes += next.end - next.start
    rest = rest.subarray(next.end)
  }
  return total
}
