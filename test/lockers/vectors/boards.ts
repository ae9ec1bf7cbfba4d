import { expect } from 'vitest'
import * as aa55Frames from '../../../src/lockers/vendors/aa55-crc8-frames.ts'
import { commAt, f3At, opening5a5aAt } from '../../../src/lockers/vendors/blind-frames.ts'
import * as scu from '../../../src/lockers/vendors/f5-scu-frames.ts'
import * as kerong from '../../../src/lockers/vendors/kerong-cu-frames.ts'
import * as cu48 from '../../../src/lockers/vendors/kerong-cu48-frames.ts'
import { recognise } from '../../../src/lockers/vendors/known-frames.ts'
import * as winnsenFrames from '../../../src/lockers/vendors/winnsen-frames.ts'
import * as wklyFrames from '../../../src/lockers/vendors/wkly-frames.ts'
import * as xorBoard from '../../../src/lockers/vendors/xor-board-frames.ts'
import * as yt from '../../../src/lockers/vendors/yt-ascii-frames.ts'
import type { Direction } from '../vendors/check-frames.ts'
import { bothWays, bySight, nobodyLooked, type Table } from './table.ts'

const all24 = Array.from({ length: 24 }, (_, i) => i + 1)

const requests: Record<string, xorBoard.XorRequest> = {
  'openAll.board1': { kind: 'open', board: 1, lock: 0 },
  'openAll.board2': { kind: 'open', board: 2, lock: 0 },
  'open.b1.l1': { kind: 'open', board: 1, lock: 1 },
  'open.b1.l2': { kind: 'open', board: 1, lock: 2 },
  'open.b1.l24': { kind: 'open', board: 1, lock: 24 },
  'open.timed.5s': { kind: 'open', board: 1, lock: 1, seconds: 5 },
  'openMany.1_3_24': { kind: 'open-many', board: 1, locks: [1, 3, 24] },
  'status.b1.l1': { kind: 'read-one', board: 1, lock: 1 },
  'statusAll.b1': { kind: 'read-board', board: 1 },
  'statusGroup.b1.g1': { kind: 'read-group', board: 1, group: 1 },
}
const contacts = {
  'open.reply.state00': ['open', 'not-shorted'],
  'open.reply.state11': ['open', 'shorted'],
  'status.reply.00': ['read-one', 'not-shorted'],
  'status.reply.11': ['read-one', 'shorted'],
} as const
const boards: Record<string, { channels: number; set: readonly number[] }> = {
  'statusAll.reply24.ch1': { channels: 24, set: [1] },
  'statusAll.reply24.ch9_ch24': { channels: 24, set: [9, 24] },
  'statusAll.reply24.all': { channels: 24, set: all24 },
  'statusAll.reply32.ch1': { channels: 32, set: [1] },
  'trap.prefixIsValidFrame': { channels: 24, set: [1, 8] },
}
const groups: Record<string, { group: number; set: readonly number[] }> = {
  'statusGroup.reply': { group: 1, set: [1, 3] },
}
/** Sources differ about these, or no ordinary board sends them: never sent, never taken for an answer, told by sight. */
const bySightOnly = ['unsolicited.82', 'hold.on.9A', 'hold.off.9B', 'test.openAll.9D.a', 'test.openAll.9D.b']

const refuseXor = (frame: Uint8Array): void => {
  expect(xorBoard.requestAt(frame)).toBeUndefined()
  for (const kind of ['open', 'read-one'] as const)
    expect(xorBoard.readContact(frame, { kind, board: 1, lock: 1 })).toBeUndefined()
  for (const channels of [8, 24, 32])
    expect(xorBoard.readBoardBits(frame, { board: 1, channels })).toBeUndefined()
  expect(xorBoard.readGroupBits(frame, { board: 1, group: 1 })).toBeUndefined()
}

/** Answers of these boards can only be read against their question. */
const xor8a: Table = {
  names: [...[requests, contacts, boards, groups].flatMap(one => Object.keys(one)), ...bySightOnly],
  meet: (name, frame) => {
    const request = requests[name]
    const contact = contacts[name as keyof typeof contacts]
    const board = boards[name]
    const group = groups[name]
    if (request) {
      expect(xorBoard.requestFrame(request)).toEqual(frame)
      expect(xorBoard.readRequest(frame)).toEqual(request)
    } else if (contact) {
      const [kind, state] = contact
      expect(xorBoard.contactFrame(kind, 1, 1, state)).toEqual(frame)
      expect(xorBoard.readContact(frame, { kind, board: 1, lock: 1 })).toBe(state)
    } else if (board) {
      const { channels, set } = board
      expect(xorBoard.boardFrame(1, channels, set)).toEqual(frame)
      expect([...xorBoard.readBoardBits(frame, { board: 1, channels })!]).toEqual(set)
    } else if (group) {
      expect(xorBoard.groupFrame(1, group.group, group.set)).toEqual(frame)
      expect([...xorBoard.readGroupBits(frame, { board: 1, group: group.group })!]).toEqual(group.set)
    } else if (bySightOnly.includes(name)) {
      expect(recognise(frame)).toMatchObject([{ family: 'xor-8a', frames: 1 }])
      refuseXor(frame)
    } else nobodyLooked(name)
  },
  refuse: refuseXor,
}

const wklyQuestions: Direction<wklyFrames.WklyRequest> = {
  build: wklyFrames.requestFrame,
  at: wklyFrames.requestAt,
}
const wklyAnswers: Direction<wklyFrames.WklyAnswer> = {
  build: wklyFrames.answerFrame,
  at: wklyFrames.answerAt,
}
const wkly = bothWays(wklyQuestions, wklyAnswers, {
  questions: {
    'open.a0.c1': { kind: 'open', board: 0, lock: 1 },
    'open.a1.c5': { kind: 'open', board: 1, lock: 5 },
    'flash.a0.c1': { kind: 'lamp', board: 0, lock: 1 },
    'status.a0.c1': { kind: 'read-one', board: 0, lock: 1 },
    'statusAll.a0': { kind: 'read-board', board: 0 },
    'openMany.simultaneous': { kind: 'open-together', board: 0, locks: [1, 2, 3] },
    'openMany.sequential': { kind: 'open-in-turn', board: 0, locks: [1, 2, 3] },
    'openAll.a0': { kind: 'open-all', board: 0 },
    'keepOpen.c1': { kind: 'hold', board: 0, lock: 1 },
    'closeChannel.c1': { kind: 'release', board: 0, lock: 1 },
    'trap.payloadXor': { kind: 'open-together', board: 1, locks: [5] },
  },
  answers: {
    'open.a0.c1.reply': { kind: 'open', board: 0, worked: true, lock: 1, door: 'open' },
    'open.a0.c1.reply.fail': { kind: 'open', board: 0, worked: false, lock: 1, door: 'closed' },
    'flash.a0.c1.reply': { kind: 'lamp', board: 0, worked: true, lock: 1 },
    'status.a0.c1.closed': { kind: 'read-one', board: 0, worked: true, lock: 1, door: 'closed' },
    'statusAll.a0.reply4': {
      kind: 'read-board',
      board: 0,
      worked: true,
      doors: ['closed', 'open', 'closed', 'unknown'],
    },
    'event.a0.c3.closed': { kind: 'changed', board: 0, lock: 3, door: 'closed' },
    'openMany.simultaneous.reply': { kind: 'open-together', board: 0, worked: true },
  },
})

const kerongQuestions: Direction<kerong.KerongRequest> = { build: kerong.requestFrame, at: kerong.requestAt }
const kerongStates: Direction<kerong.KerongState> = { build: kerong.stateFrame, at: kerong.stateAt }
const first16 = Array.from({ length: 16 }, (_, index) => index + 1)
const open = (unit: number, lock: number): kerong.KerongRequest => ({ kind: 'open', unit, lock })
const kerongCu = bothWays(kerongQuestions, kerongStates, {
  questions: {
    'status.cu0': { kind: 'read', unit: 0 },
    'unlock.cu0.l1': open(0, 1),
    'unlock.cu0.l2': open(0, 2),
    'unlock.cu0.l10': open(0, 10),
    'unlock.cu0.l11': open(0, 11),
    'unlock.cu0.l16': open(0, 16),
    'status.cu1': { kind: 'read', unit: 1 },
    'unlock.cu1.l1': open(1, 1),
    'unlock.cu1.l3': open(1, 3),
    'statusAll.bus': { kind: 'read-line' },
    'unlockAll.cu0': { kind: 'open-all', unit: 0 },
    'setUnlockTime.500ms': { kind: 'set-pulse', unit: 0, pulse: 500 },
    queryUnlockTime: { kind: 'ask-pulse', unit: 0 },
    'setDelay.3s': { kind: 'set-delay', unit: 0, seconds: 3 },
    'setBaud.19200': { kind: 'set-baud', unit: 0, baud: 19200 },
    getVersion: { kind: 'ask-version', unit: 0 },
  },
  answers: {
    'status.cu0.reply.allLocked': { kind: 'state', unit: 0, locked: first16, occupied: [] },
    'status.cu0.reply.l1open.ir2': { kind: 'state', unit: 0, locked: first16.slice(1), occupied: [2] },
    'statusAll.reply.cu0': { kind: 'state-of-line', unit: 0, locked: first16, occupied: [] },
  },
})

const first48 = Array.from({ length: 48 }, (_, index) => index + 1)
const questions48: Direction<cu48.Cu48Request> = { build: cu48.requestFrame, at: cu48.requestAt }
const answers48: Direction<cu48.Cu48Answer> = {
  build: ({ board, lock, worked, closed, told }) =>
    closed ? cu48.stateFrame(board, told, closed) : cu48.openedFrame(board, lock, worked),
  at: cu48.answerAt,
}
const kerongCu48 = bothWays(questions48, answers48, {
  questions: {
    'status.d0': { kind: 'read', board: 0 },
    'open.d0.l1': { kind: 'open', board: 0, lock: 1 },
    'open.d0.l48': { kind: 'open', board: 0, lock: 48 },
  },
  answers: {
    'status.d0.reply': { board: 0, lock: 1, worked: true, closed: first48.slice(1), told: 48 },
    'open.d0.l1.reply': { board: 0, lock: 1, worked: true, told: 0 },
    'open.d0.l1.reply.fail': { board: 0, lock: 1, worked: false, told: 0 },
  },
})

const winnsenQuestions: Direction<winnsenFrames.WinnsenRequest> = {
  build: winnsenFrames.requestFrame,
  at: winnsenFrames.requestAt,
}
const winnsenAnswers: Direction<winnsenFrames.WinnsenAnswer> = {
  build: winnsenFrames.answerFrame,
  at: winnsenFrames.answerAt,
}
const winnsen = bothWays(winnsenQuestions, winnsenAnswers, {
  questions: {
    'unlock.s0.l1': { kind: 'open', station: 0, lock: 1 },
    'status.s0.l1': { kind: 'read', station: 0, lock: 1 },
    'unlock.s3.l3': { kind: 'open', station: 3, lock: 3 },
  },
  answers: {
    'unlock.s0.l1.ok': { kind: 'open', station: 0, lock: 1, status: 1 },
    'unlock.s0.l1.fail': { kind: 'open', station: 0, lock: 1, status: 0 },
    'status.s0.l1.closed': { kind: 'read', station: 0, lock: 1, status: 0 },
  },
})

const aa55Both: Direction<aa55Frames.Aa55Frame> = { build: aa55Frames.frameOf, at: aa55Frames.frameAt }
const aa55Of = (board: number, command: keyof typeof aa55Frames.commands, ...data: number[]) => ({
  board,
  command: aa55Frames.commands[command],
  data,
})
const aa55 = bothWays(aa55Both, aa55Both, {
  questions: {
    'sensor.level': aa55Of(0, 'level', 0),
    lamp55: aa55Of(0, 'lockLamp', 0),
    out52: aa55Of(0, 'fanA', 0),
    out53: aa55Of(0, 'fanB', 0),
    'tempComp.query': aa55Of(0, 'temperatureTrim'),
    'humComp.query': aa55Of(0, 'humidityTrim'),
    'tempComp.set': aa55Of(0, 'trimTemperature', 1),
    'open.b1.l1': aa55Of(1, 'open', 0),
    'open.b1.l22': aa55Of(1, 'open', 21),
    'open.b0.l1.5s': aa55Of(0, 'open', 0, 5),
    'status.b1': aa55Of(1, 'read'),
    'guard.query': aa55Of(0, 'guard'),
    'temp.query': aa55Of(0, 'temperature'),
    'lamp.b1.on': aa55Of(1, 'lamp', 0),
  },
  answers: {
    'status.b1.reply': aa55Of(1, 'read', 1, 0, 0),
    'temp.reply.25.3': aa55Of(0, 'temperature', 0x02, 0xf1),
  },
})

const f5Scu = bothWays<scu.ScuRequest, scu.ScuAnswer>(
  { build: scu.requestFrame, at: scu.requestAt },
  { build: scu.answerFrame, at: scu.answerAt },
  {
    questions: {
      'open.a1': { kind: 'open', board: 1 },
      'status.a1': { kind: 'read', board: 1 },
      'status.a0': { kind: 'read', board: 0 },
    },
    answers: { 'reply.closed': { board: 1, closed: true } },
  },
)

const ytAscii = bothWays<yt.YtRequest, yt.YtAnswer | yt.YtError>(
  { build: yt.requestFrame, at: yt.requestAt },
  { build: yt.answerFrame, at: yt.answerAt },
  {
    questions: {
      ping: { kind: 'ping', board: 1 },
      'open.b1.l1': { kind: 'open', board: 1, lock: 1 },
      status: { kind: 'read-one', board: 1, lock: 1 },
      statusAll: { kind: 'read-board', board: 1 },
    },
    answers: {
      'ping.reply': { kind: 'ping', board: 1, values: [], checked: true },
      'open.b1.l1.reply': { kind: 'open', board: 1, values: [1], checked: true },
      'status.reply': { kind: 'read-one', board: 1, values: [1], checked: true },
      'statusAll.reply': { kind: 'read-board', board: 1, values: [0, 0, 1], checked: true },
    },
  },
)

const x5a5a = bySight(opening5a5aAt, 'x5a5a', {
  'open.a0.l1': { board: 0, lock: 1 },
  'open.a1.l2': { board: 1, lock: 2 },
  'open.a31.l24': { board: 31, lock: 24 },
  'open.a15.l12': { board: 15, lock: 12 },
  'open.a1.l14': { board: 1, lock: 14 },
  'open.a5.l8': { board: 5, lock: 8 },
  'open.a10.l20': { board: 10, lock: 20 },
  'open.a20.l15': { board: 20, lock: 15 },
})

const f3Lrc = bySight(f3At, 'f3-lrc', { open: { command: 'open', data: [1, 0, 0, 0, 1] } })

const commAscii = bySight(commAt, 'comm-ascii', {
  openAll: { kind: 'comm', node: 1, data: [0x00, 0x10, 0x11, 0xff, 0, 0, 0] },
  'openAll.reply': { kind: 'comm', node: 1, data: [0x00, 0x10, 0x11, 0xff, 0xff, 0xff, 0] },
  nodeInfo: { kind: 'comm', node: 1, data: [0, 0, 0, 0, 0, 0, 0] },
  reboot: { kind: 'comm', node: 1, data: [1, 0, 0, 0, 0, 0, 0] },
  setNode: { kind: 'comm', node: 1, data: [2, 0, 0, 2, 0, 0, 0] },
  status: { kind: 'sync', node: 1, data: [1, 0x10, 0x11, 0, 0, 0, 0] },
})

/** The lock boards, by the names of their families in the file. */
export const boardTables: Readonly<Record<string, Table>> = {
  'xor-8a': xor8a,
  wkly,
  'kerong-cu': kerongCu,
  'kerong-cu48': kerongCu48,
  'f5-scu': f5Scu,
  winnsen,
  x5a5a,
  'aa55-crc8': aa55,
  'f3-lrc': f3Lrc,
  'yt-ascii': ytAscii,
  'comm-ascii': commAscii,
}
