import { type SandboxBus, type SandboxLineSettings, startSandboxLine } from './line.ts'
import { type SandboxBoardSettings, xorBoards } from './xor-board.ts'

export type { SandboxBus } from './line.ts'

export type SandboxBusSettings = SandboxLineSettings<SandboxBoardSettings>

/** The line of the demo: XOR boards. */
export const startSandboxBus = (settings: SandboxBusSettings): Promise<SandboxBus> =>
  startSandboxLine(xorBoards, settings)
