import type { BoardMake } from '../../../src/lockers/boards.ts'
import { blueprint } from '../../../src/lockers/vendors/_blueprint.ts'
import { aa55Crc8 } from '../../../src/lockers/vendors/aa55-crc8.ts'
import { f5Scu } from '../../../src/lockers/vendors/f5-scu.ts'
import { kerongCu } from '../../../src/lockers/vendors/kerong-cu.ts'
import { kerongCu48 } from '../../../src/lockers/vendors/kerong-cu48.ts'
import { winnsen } from '../../../src/lockers/vendors/winnsen.ts'
import { wkly } from '../../../src/lockers/vendors/wkly.ts'
import { ytAscii } from '../../../src/lockers/vendors/yt-ascii.ts'
import { blueprintBoards } from '../../../src/sandbox/lockers/_blueprint.ts'
import { aa55Boards } from '../../../src/sandbox/lockers/aa55-crc8.ts'
import { scuBoards } from '../../../src/sandbox/lockers/f5-scu.ts'
import type { SandboxFaults } from '../../../src/sandbox/lockers/faults.ts'
import { kerongUnits } from '../../../src/sandbox/lockers/kerong-cu.ts'
import { cu48Boards } from '../../../src/sandbox/lockers/kerong-cu48.ts'
import type { SandboxFamily } from '../../../src/sandbox/lockers/line.ts'
import { winnsenBoards } from '../../../src/sandbox/lockers/winnsen.ts'
import { wklyBoards } from '../../../src/sandbox/lockers/wkly.ts'
import { ytBoards } from '../../../src/sandbox/lockers/yt-ascii.ts'
import { lockerContract } from '../../contracts/locker.ts'
import { boardContractRig } from '../boards.ts'

/** A board as both ends name it. */
interface Board {
  readonly address: number
  readonly channels: number
}

/** Lets the contract run for each way in which boards of a make differ, and each way in which lines do. */
const contracts =
  <Settings extends { readonly boards: readonly unknown[] }, Request, Far extends Board>(
    make: BoardMake<Settings>,
    family: SandboxFamily<Request, Far>,
    near: (boards: readonly Board[]) => Settings,
  ) =>
  (ways: Readonly<Record<string, readonly Far[]>>): void => {
    const lines: Readonly<Record<string, Partial<SandboxFaults>>> = {
      'a quiet line': {},
      'an adapter that echoes': { echo: true },
      'a line that brings its bytes one by one': { split: true },
      'a line with a registration packet before every answer': {
        noise: Uint8Array.from([0xff, 0x02, 0x90, 0x07, 0xaa, 0x55, 0x57, 0x4b]),
      },
    }
    for (const [way, far] of Object.entries(ways))
      for (const [line, faults] of Object.entries(lines))
        lockerContract(
          `${make.name}: ${way}, on ${line},`,
          boardContractRig({
            make,
            family,
            near: near(far.map(({ address, channels }) => ({ address, channels }))),
            far,
            faults,
          }),
        )
    const [[way, far] = ['', []]] = Object.entries(ways)
    lockerContract(
      `${make.name}: ${way}, behind a converter that dials us,`,
      boardContractRig({
        make,
        family,
        near: near(far.map(({ address, channels }) => ({ address, channels }))),
        far,
        dialsUs: true,
      }),
    )
  }

contracts(blueprint, blueprintBoards, boards => ({ boards }))({
  'boards that do not exist': [
    { address: 1, channels: 8 },
    { address: 15, channels: 16 },
  ],
})

contracts(wkly, wklyBoards, boards => ({ boards }))({
  'boards of 12 and 24 locks': [
    { address: 0, channels: 12 },
    { address: 31, channels: 24 },
  ],
  'boards that say nothing to an opening': [{ address: 0, channels: 12, muteOpening: true }],
  'boards that push door changes and begin with 53': [
    { address: 1, channels: 24, pushes: true, otherHeader: true },
    { address: 2, channels: 24, pushes: true },
  ],
})

contracts(kerongCu, kerongUnits, boards => ({ boards }))({
  'units of 12 and 16 locks that say nothing to an unlock': [
    { address: 0, channels: 12 },
    { address: 14, channels: 16 },
  ],
  'units that answer an unlock with their state': [
    { address: 0, channels: 16, answersOpening: true },
    { address: 1, channels: 16, answersOpening: true },
  ],
})

contracts(kerongCu48, cu48Boards, boards => ({ boards }))({
  'boards of 48, 24 and 5 locks': [
    { address: 0, channels: 48 },
    { address: 2, channels: 24 },
    { address: 255, channels: 5 },
  ],
})

contracts(winnsen, winnsenBoards, boards => ({ boards }))({
  'stations 0 and 3': [
    { address: 0, channels: 16 },
    { address: 3, channels: 3 },
  ],
})

contracts(f5Scu, scuBoards, boards => ({ boards: boards.map(({ address }) => ({ address })) }))({
  'locks with an address each': [0, 1, 2, 255].map(address => ({ address, channels: 1 })),
  'locks that say nothing to an opening': [
    { address: 7, channels: 1, muteOpening: true },
    { address: 8, channels: 1 },
  ],
})

contracts(ytAscii, ytBoards, boards => ({ boards }))({
  'boards of 24 and 12 locks': [
    { address: 1, channels: 24 },
    { address: 32, channels: 12 },
  ],
})
contracts(ytAscii, ytBoards, boards => ({ boards, answersChecked: false }))({
  'boards whose answers bear no check': [{ address: 1, channels: 24, unchecked: true }],
})

for (const bitOneMeans of ['open', 'closed'] as const)
  contracts(aa55Crc8, aa55Boards, boards => ({
    boards: boards.map(board => ({ ...board, bitOneMeans })),
  }))({
    [`cabinets with bit 1 ${bitOneMeans} that say nothing to an opening`]: [
      { address: 0, channels: 12, bitOneMeans },
      { address: 12, channels: 22, bitOneMeans },
    ],
    [`cabinets with bit 1 ${bitOneMeans} that repeat the opening`]: [
      { address: 0, channels: 12, bitOneMeans, answersOpening: true },
      { address: 1, channels: 22, bitOneMeans, answersOpening: true },
    ],
  })
