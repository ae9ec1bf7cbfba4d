import type { Clock } from '../../../src/kernel/clock.ts'
import type { BoardMake } from '../../../src/lockers/boards.ts'
import type { Door } from '../../../src/lockers/locker.ts'
import { blueprint } from '../../../src/lockers/vendors/_blueprint.ts'
import { aa55Crc8 } from '../../../src/lockers/vendors/aa55-crc8.ts'
import { f5Scu } from '../../../src/lockers/vendors/f5-scu.ts'
import { kerongCu } from '../../../src/lockers/vendors/kerong-cu.ts'
import { kerongCu48 } from '../../../src/lockers/vendors/kerong-cu48.ts'
import { modbusRtu, modbusTcp } from '../../../src/lockers/vendors/modbus.ts'
import { winnsen } from '../../../src/lockers/vendors/winnsen.ts'
import { wkly } from '../../../src/lockers/vendors/wkly.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { ytAscii } from '../../../src/lockers/vendors/yt-ascii.ts'
import { blueprintBoards } from '../../../src/sandbox/lockers/_blueprint.ts'
import { aa55Boards } from '../../../src/sandbox/lockers/aa55-crc8.ts'
import { scuBoards } from '../../../src/sandbox/lockers/f5-scu.ts'
import type { SandboxFaults } from '../../../src/sandbox/lockers/faults.ts'
import { kerongUnits } from '../../../src/sandbox/lockers/kerong-cu.ts'
import { cu48Boards } from '../../../src/sandbox/lockers/kerong-cu48.ts'
import type { SandboxFamily } from '../../../src/sandbox/lockers/line.ts'
import { modbusBoards } from '../../../src/sandbox/lockers/modbus.ts'
import { winnsenBoards } from '../../../src/sandbox/lockers/winnsen.ts'
import { wklyBoards } from '../../../src/sandbox/lockers/wkly.ts'
import { xorBoards } from '../../../src/sandbox/lockers/xor-board.ts'
import { ytBoards } from '../../../src/sandbox/lockers/yt-ascii.ts'
import { boardRig } from '../boards.ts'

interface Board {
  readonly address: number
  readonly channels: number
}
/** `missing`: locks that the settings name and the boards do not have. */
type Options = {
  readonly faults?: Partial<SandboxFaults>
  readonly missing?: number
  readonly driverClock?: (wire: Clock) => Clock
}

/** Driver and simulated boards of a make, in plain settings. */
const line = <Request, Far extends Board>(
  make: BoardMake<{ readonly boards: readonly Board[] }>,
  family: SandboxFamily<Request, Far>,
  far: (board: Board) => Far,
  boards: readonly Board[] = [
    { address: 1, channels: 5 },
    { address: 2, channels: 5 },
  ],
) => ({
  name: make.name,
  timing: make.timing,
  boards,
  start: async ({ faults = {}, missing = 0, driverClock }: Options = {}) => {
    const rig = await boardRig({
      make,
      family,
      near: { boards },
      far: boards.map(one => far({ ...one, channels: one.channels - missing })),
      faults,
      ...(driverClock ? { driverClock } : {}),
    })
    const openDoors = async (): Promise<readonly string[]> => {
      const open: string[] = []
      for (const { address } of boards) {
        const answer = await rig.during(rig.driver.read(address))
        if (!answer.ok) throw new Error(answer.problem.code)
        for (const one of answer.value) if (one.door === 'open') open.push(`${one.board}/${one.channel}`)
      }
      return open
    }
    const pulses = ({ board, channel }: Door): number =>
      rig.far.asked.filter(one => one === `open ${board}/${channel}`).length
    return { ...rig, openDoors, pulses }
  },
})

const plain = (board: Board): Board => board
/** Every make of boards on a line, two boards each. */
export const serialLines = [
  line(blueprint, blueprintBoards, plain),
  line(xorBoard, xorBoards, plain),
  line(wkly, wklyBoards, plain),
  line(kerongCu, kerongUnits, plain),
  line(kerongCu48, cu48Boards, plain),
  line(
    f5Scu,
    scuBoards,
    plain,
    [1, 2].map(address => ({ address, channels: 1 })),
  ),
  line(winnsen, winnsenBoards, plain),
  line(aa55Crc8, aa55Boards, plain),
  line(ytAscii, ytBoards, plain),
  line(modbusRtu, modbusBoards('rtu'), plain),
  line(modbusTcp, modbusBoards('tcp'), plain),
]
