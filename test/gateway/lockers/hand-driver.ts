import { no, unreachable, yes } from '../../../src/kernel/problem.ts'
import type { Door, DoorReading, LockerDriver } from '../../../src/lockers/locker.ts'

const silence = (maybeDone: boolean) =>
  no(unreachable('locker-no-answer', { zh: '无应答', en: 'no answer' }, maybeDone ? { maybeDone } : {}))

/** A driver with doors of its own, for tests of what is above the wire. A hand moves the doors. */
export const handDriver = (boards: readonly { board: number; channels: number }[]) => {
  const key = (door: Door) => `${door.board}/${door.channel}`
  const open = new Set<string>()
  const jammed = new Set<string>()
  const dead = new Set<number>()
  const pulses: string[] = []
  const occupied = new Map<string, boolean>()
  let onPulse: (door: Door) => void = () => {}
  let killAt: 'before' | 'after' | undefined
  const kill = (when: 'before' | 'after') => {
    if (killAt !== when) return
    killAt = undefined
    throw new Error('killed')
  }
  const driver: LockerDriver = {
    name: 'hand',
    open: async door => {
      if (dead.has(door.board)) return silence(true)
      kill('before')
      pulses.push(key(door))
      if (!jammed.has(key(door))) open.add(key(door))
      onPulse(door)
      kill('after')
      return dead.has(door.board) ? silence(true) : yes({ opened: open.has(key(door)) })
    },
    read: async board => {
      const channels = boards.find(one => one.board === board)?.channels ?? 0
      if (dead.has(board)) return silence(false)
      return yes(
        Array.from({ length: channels }, (_, i): DoorReading => {
          const door = { board, channel: i + 1 }
          const inside = occupied.get(key(door))
          return {
            ...door,
            door: open.has(key(door)) ? 'open' : 'closed',
            ...(inside === undefined ? {} : { occupied: inside }),
          }
        }),
      )
    },
    close: async () => {},
  }
  return {
    driver,
    open,
    jammed,
    dead,
    pulses,
    occupied,
    pulsed: (act: (door: Door) => void) => {
      onPulse = act
    },
    /** The next opening throws, as if the program ended there, before or after its pulse. */
    killAt: (when: 'before' | 'after') => {
      killAt = when
    },
  }
}
