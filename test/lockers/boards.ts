import { type Clock, ManualClock } from '../../src/kernel/clock.ts'
import { ringTranscript } from '../../src/kernel/transcript.ts'
import type { BoardMake } from '../../src/lockers/boards.ts'
import { createTcpBus } from '../../src/lockers/transport/tcp-bus.ts'
import type { LinkAddress } from '../../src/lockers/transport/tcp-link.ts'
import type { SandboxFaults } from '../../src/sandbox/lockers/faults.ts'
import { type SandboxFamily, startSandboxLine } from '../../src/sandbox/lockers/line.ts'
import type { LockerRig } from '../contracts/locker.ts'
import { until } from '../harness/until.ts'
import { wireTime } from './wire.ts'

/** A make of boards, its simulator, and how both are set. */
export interface BoardSetup<C, Request, Far> {
  readonly make: BoardMake<C>
  readonly family: SandboxFamily<Request, Far>
  readonly near: C
  readonly far: readonly (Far & { readonly address: number; readonly channels: number })[]
  readonly faults?: Partial<SandboxFaults>
  /** The converter dials us, instead of being dialled. */
  readonly dialsUs?: boolean
  /** The clock that the driver reads, where it is not that of the wire. */
  readonly driverClock?: (wire: ManualClock) => Clock
  /** Nothing that moves is sent to a board that did not answer when it was last asked. */
  readonly knowsAbsence?: boolean
}

/** Driver and simulated boards on a real socket, on a clock that stands. */
export const boardRig = async <C, Request, Far>(setup: BoardSetup<C, Request, Far>) => {
  const { make } = setup
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const transcript = ringTranscript(2000)
  const busAt = (address: LinkAddress) =>
    createTcpBus({
      name: 'locker-line:test',
      address,
      clock,
      timing: make.timing,
      transcript: transcript.take,
    })
  const lineAt = (dial?: { readonly host: string; readonly port: number }) =>
    startSandboxLine(setup.family, { boards: setup.far, clock, ...(dial ? { dial } : {}) })
  const host = '127.0.0.1'
  const listening = setup.dialsUs ? busAt({ listen: { host, port: 0 } }) : undefined
  const far = await lineAt(listening && { host, port: (await listening.listening)! })
  Object.assign(far.faults, setup.faults)
  const bus = listening ?? busAt({ dial: { host, port: far.port } })
  await until(() => bus.up())
  const driver = make.on(setup.near, bus, setup.driverClock?.(clock) ?? clock)
  const close = async () => {
    await driver.close()
    await far.close()
  }
  return { driver, bus, far, clock, transcript, close, ...wireTime(clock, bus, far) }
}

/** The same as the contract of drivers wants it. */
export const boardContractRig =
  <C, Request, Far>(setup: BoardSetup<C, Request, Far>) =>
  async (): Promise<LockerRig> => {
    const { driver, bus, far, clock, during, close } = await boardRig(setup)
    return {
      driver,
      ...(setup.knowsAbsence ? { knowsAbsence: true } : {}),
      boards: setup.far.map(({ address, channels }) => ({ board: address, channels })),
      isOpen: ({ board, channel }) => far.door(board, channel).isOpen(),
      hand: {
        close: ({ board, channel }) => far.door(board, channel).close(),
        force: ({ board, channel }) => far.door(board, channel).force(),
        jam: ({ board, channel }, jammed) => {
          far.door(board, channel).jammed = jammed
        },
      },
      faults: {
        silence: (board, silent) => {
          if (silent) far.faults.silent.add(board)
          else far.faults.silent.delete(board)
        },
        loseQuestion: () => {
          far.faults.deaf = 1
        },
        loseAnswer: () => {
          far.faults.mute = 1
        },
        powerCut: async () => {
          far.power(false)
          await until(() => !bus.up())
          far.power(true)
          await clock.advance(500)
          await until(() => bus.up())
        },
      },
      pulses: ({ board, channel }) => far.asked.filter(one => one === `open ${board}/${channel}`).length,
      during,
      close,
    }
  }
