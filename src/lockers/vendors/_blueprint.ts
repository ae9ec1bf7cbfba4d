/**
 * A driver to copy. It speaks to a board that does not exist: `<3 bytes>`, namely command, door, check (their sum
 * with the low eight bits kept); `O` opens, `?` reads, `!` is the answer to both with 1 for open. It compiles, is
 * in no registry, and shows where each thing goes.
 */
import { z } from 'zod'
import { misconfigured, no, yes } from '../../kernel/problem.ts'
import type { Door, DoorReading, LockerDriver } from '../locker.ts'
import { defineLocker } from '../make.ts'
import { type Ask, fixedLength, type LineTiming } from '../transport/bus.ts'
import { lineAddress } from '../transport/settings.ts'
import { createTcpBus } from '../transport/tcp-bus.ts'

// 1. Settings: what differs from cabinet to cabinet, each with its doc line; nothing about readers or orders.
const settings = z.strictObject({
  address: lineAddress,
  /** Doors of the cabinet, counted from 1. */
  doors: z.number().int().min(1).max(16),
})

// 2. Timing: from the maker's document; the pauses of the whole line, not of one board.
const timing: LineTiming = { gap: 5, afterSend: 20, deadline: 300, late: 600, patience: 5000 }

// 3. Build and read: pure, in a file of their own (`<make>-frames.ts`) as soon as there are more than two.
const frame = (command: number, door: number): Uint8Array =>
  Uint8Array.of(command, door, (command + door) & 0xff)
const readAnswer = (bytes: Uint8Array): boolean | undefined =>
  bytes[0] === 0x21 && ((bytes[0] + bytes[1]!) & 0xff) === bytes[2] ? bytes[1] === 1 : undefined

const ask = (what: 'open' | 'read', door: Door): Ask<boolean> => ({
  key: `${what} ${door.channel}`,
  urgent: what === 'open',
  acts: what === 'open',
  tries: what === 'open' ? 1 : 2,
  request: frame(what === 'open' ? 0x4f : 0x3f, door.channel),
  echoProof: true,
  find: fixedLength(3, readAnswer),
})

// 4. The make: its name in the configuration, and a driver that keeps the contract of `locker.ts`.
export const blueprint = defineLocker({
  name: 'blueprint',
  title: { zh: '示例锁控板', en: 'Example board' },
  settings,
  create: (chosen, wire): LockerDriver => {
    const bus = createTcpBus({ ...wire, address: chosen.address, timing })
    return {
      name: 'blueprint',
      open: async door => {
        if (door.board !== 1 || door.channel < 1 || door.channel > chosen.doors) return no(noSuchDoor)
        const answer = await bus.ask(ask('open', door))
        if (answer.ok) return yes({ opened: answer.value.value })
        if (!answer.problem.maybeDone) return answer
        const seen = await bus.ask(ask('read', door))
        return seen.ok ? yes({ opened: seen.value.value }) : answer
      },
      read: async board => {
        if (board !== 1) return no(noSuchDoor)
        const readings: DoorReading[] = []
        for (let channel = 1; channel <= chosen.doors; channel++) {
          const answer = await bus.ask(ask('read', { board, channel }))
          if (!answer.ok) return answer
          readings.push({ board, channel, door: answer.value.value ? 'open' : 'closed' })
        }
        return yes(readings)
      },
      close: () => bus.close(),
    }
  },
})

const noSuchDoor = misconfigured('locker-no-such-door', {
  zh: '没有这个格口，请检查柜格设置。',
  en: 'There is no such door; check the layout of the locker.',
})
