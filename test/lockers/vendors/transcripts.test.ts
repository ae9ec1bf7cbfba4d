import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { BoardMake } from '../../../src/lockers/boards.ts'
import { aa55Crc8 } from '../../../src/lockers/vendors/aa55-crc8.ts'
import { f5Scu } from '../../../src/lockers/vendors/f5-scu.ts'
import { kerongCu } from '../../../src/lockers/vendors/kerong-cu.ts'
import { kerongCu48 } from '../../../src/lockers/vendors/kerong-cu48.ts'
import { modbusRtu, modbusTcp } from '../../../src/lockers/vendors/modbus.ts'
import { winnsen } from '../../../src/lockers/vendors/winnsen.ts'
import { wkly } from '../../../src/lockers/vendors/wkly.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { ytAscii } from '../../../src/lockers/vendors/yt-ascii.ts'
import { aa55Boards } from '../../../src/sandbox/lockers/aa55-crc8.ts'
import { scuBoards } from '../../../src/sandbox/lockers/f5-scu.ts'
import { kerongUnits } from '../../../src/sandbox/lockers/kerong-cu.ts'
import { cu48Boards } from '../../../src/sandbox/lockers/kerong-cu48.ts'
import type { SandboxFamily } from '../../../src/sandbox/lockers/line.ts'
import { modbusBoards } from '../../../src/sandbox/lockers/modbus.ts'
import { winnsenBoards } from '../../../src/sandbox/lockers/winnsen.ts'
import { wklyBoards } from '../../../src/sandbox/lockers/wkly.ts'
import { xorBoards } from '../../../src/sandbox/lockers/xor-board.ts'
import { ytBoards } from '../../../src/sandbox/lockers/yt-ascii.ts'
import { boardRig } from '../boards.ts'

const board = { address: 2, channels: 5 }

/** A door is opened and read; then it jams, is tried once more, and read again. */
const scene = async <Request>(
  make: BoardMake<{ readonly boards: readonly (typeof board)[] }>,
  family: SandboxFamily<Request, typeof board>,
  channels = board.channels,
): Promise<string> => {
  const boards = [{ ...board, channels }]
  const rig = await boardRig({ make, family, near: { boards }, far: boards })
  const door = { board: 2, channel: Math.min(4, channels) }
  await rig.during(rig.driver.read(2))
  const far = rig.far.door(door.board, door.channel)
  far.items.push('P-1')
  await rig.during(rig.driver.open(door))
  await rig.during(rig.driver.read(2))
  far.close()
  far.jammed = true
  await rig.during(rig.driver.open(door))
  await rig.close()
  const lines = rig.transcript.lines()
  return lines.map(({ direction, text }) => `${direction} ${text}\n`).join('')
}

/** A transcript that is not there yet is written when SHUQIAO_WRITE_TRANSCRIPTS is set. */
describe('what crosses the wire when a door opens, is read and jams', () => {
  const scenes = {
    'xor-8a': () => scene(xorBoard, xorBoards),
    wkly: () => scene(wkly, wklyBoards),
    'kerong-cu': () => scene(kerongCu, kerongUnits),
    'kerong-cu48': () => scene(kerongCu48, cu48Boards),
    'f5-scu': () => scene(f5Scu, scuBoards, 1),
    winnsen: () => scene(winnsen, winnsenBoards),
    'aa55-crc8': () => scene(aa55Crc8, aa55Boards),
    'yt-ascii': () => scene(ytAscii, ytBoards),
    'modbus-rtu': () => scene(modbusRtu, modbusBoards('rtu')),
    'modbus-tcp': () => scene(modbusTcp, modbusBoards('tcp')),
  }
  for (const [name, play] of Object.entries(scenes))
    it(`is for ${name} what it was, byte by byte`, async () => {
      const file = new URL(`../../../fixtures/lockers/${name}.transcript`, import.meta.url)
      const now = await play()
      if (!existsSync(file) && process.env.SHUQIAO_WRITE_TRANSCRIPTS) writeFileSync(file, now)
      expect(now).toBe(readFileSync(file, 'utf8'))
    })
})
