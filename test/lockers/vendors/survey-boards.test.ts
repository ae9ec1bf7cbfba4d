import { describe, expect, it } from 'vitest'
import type { BoardMake } from '../../../src/lockers/boards.ts'
import { boardFacts } from '../../../src/lockers/commission/facts.ts'
import { survey } from '../../../src/lockers/commission/survey.ts'
import { aa55Crc8 } from '../../../src/lockers/vendors/aa55-crc8.ts'
import { f5Scu } from '../../../src/lockers/vendors/f5-scu.ts'
import { kerongCu } from '../../../src/lockers/vendors/kerong-cu.ts'
import { kerongCu48 } from '../../../src/lockers/vendors/kerong-cu48.ts'
import { winnsen } from '../../../src/lockers/vendors/winnsen.ts'
import { wkly } from '../../../src/lockers/vendors/wkly.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { ytAscii } from '../../../src/lockers/vendors/yt-ascii.ts'
import { aa55Boards } from '../../../src/sandbox/lockers/aa55-crc8.ts'
import { scuBoards } from '../../../src/sandbox/lockers/f5-scu.ts'
import { kerongUnits } from '../../../src/sandbox/lockers/kerong-cu.ts'
import { cu48Boards } from '../../../src/sandbox/lockers/kerong-cu48.ts'
import type { SandboxFamily } from '../../../src/sandbox/lockers/line.ts'
import { winnsenBoards } from '../../../src/sandbox/lockers/winnsen.ts'
import { wklyBoards } from '../../../src/sandbox/lockers/wkly.ts'
import { xorBoards } from '../../../src/sandbox/lockers/xor-board.ts'
import { ytBoards } from '../../../src/sandbox/lockers/yt-ascii.ts'
import { boardRig } from '../boards.ts'

interface Board {
  readonly address: number
  readonly channels: number
}

/** What a survey of addresses 0 to 4 finds where these boards hang, and how often it tells of an echo. */
const surveyOf = async <Request>(
  make: BoardMake<{ readonly boards: readonly Board[] }>,
  family: SandboxFamily<Request, Board>,
  far: readonly Board[],
  echo: boolean,
) => {
  const rig = await boardRig({ make, family, near: { boards: far }, far, faults: { echo } })
  const line = { ...rig.bus, close: async () => {} }
  let heard = 0
  const found = await rig.during(
    survey({
      facts: boardFacts(make)!,
      addresses: [0, 1, 2, 3, 4],
      driver: boards => make.on({ boards: boards.map(one => ({ ...one })) }, line, rig.clock),
      clock: rig.clock,
      echoes: () => {
        heard += 1
      },
    }),
  )
  const opened = rig.far.asked.filter(one => one.startsWith('open'))
  await rig.close()
  return { found, opened, heard }
}

describe('the survey of a line', () => {
  const board = (address: number, channels: number): Board => ({ address, channels })
  const lines = {
    'xor-8a': (echo: boolean) => surveyOf(xorBoard, xorBoards, [board(1, 24), board(4, 12)], echo),
    wkly: (echo: boolean) => surveyOf(wkly, wklyBoards, [board(0, 24), board(4, 12)], echo),
    'kerong-cu': (echo: boolean) => surveyOf(kerongCu, kerongUnits, [board(0, 16), board(3, 16)], echo),
    'kerong-cu48': (echo: boolean) => surveyOf(kerongCu48, cu48Boards, [board(1, 48), board(2, 24)], echo),
    winnsen: (echo: boolean) => surveyOf(winnsen, winnsenBoards, [board(0, 16), board(3, 16)], echo),
    'aa55-crc8': (echo: boolean) => surveyOf(aa55Crc8, aa55Boards, [board(0, 12), board(1, 22)], echo),
    'f5-scu': (echo: boolean) => surveyOf(f5Scu, scuBoards, [board(0, 1), board(3, 1)], echo),
    'yt-ascii': (echo: boolean) => surveyOf(ytAscii, ytBoards, [board(1, 24), board(2, 9)], echo),
  }
  // What the answer has room for: whole bytes where doors are bits.
  const room: Readonly<Record<string, readonly Board[]>> = {
    'xor-8a': [board(1, 24), board(4, 16)],
    wkly: [board(0, 24), board(4, 12)],
    'kerong-cu': [board(0, 16), board(3, 16)],
    'kerong-cu48': [board(1, 48), board(2, 24)],
    winnsen: [board(0, 16), board(3, 16)],
    'aa55-crc8': [board(0, 16), board(1, 24)],
    'f5-scu': [board(0, 1), board(3, 1)],
    'yt-ascii': [board(1, 24), board(2, 9)],
  }
  for (const [name, look] of Object.entries(lines))
    for (const echo of [false, true])
      it(`finds the boards of ${name}${echo ? ' behind an adapter that echoes, and says so once' : ''}, and moves no door`, async () => {
        expect(await look(echo)).toEqual({ found: room[name], opened: [], heard: echo ? 1 : 0 })
      })
})
