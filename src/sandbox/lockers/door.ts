import type { Clock, Millis } from '../../kernel/clock.ts'

/** What a board's channel drives and feels: a door on a spring, a latch, and what lies behind. */
export interface SandboxDoor {
  readonly board: number
  readonly channel: number
  isOpen(): boolean
  /** True: the pulse releases nothing. Stays until set otherwise. */
  jammed: boolean
  /** What lies inside, for the one who looks; no board of this family feels it. */
  readonly items: string[]
  /** A hand shuts the door until it latches. */
  close(): void
  /** A hand shuts the door too softly: it springs open again after `after` ms. */
  push(after?: Millis): void
  /** A crowbar: open without a pulse, jammed or not. */
  force(): void
}

export interface SandboxDoorInside extends SandboxDoor {
  /** Current through the solenoid; the spring does the rest a moment later. */
  pulse(): void
}

/** Milliseconds from the start of the pulse until the spring has moved the door off its contact. */
const springs: Millis = 80
const rebounds: Millis = 300

/** A door: mechanical, so it needs no power to stay as it is. `moved` hears every change. */
export const createDoor = (
  board: number,
  channel: number,
  clock: Clock,
  moved: (door: SandboxDoor) => void,
): SandboxDoorInside => {
  let open = false
  const set = (to: boolean): void => {
    if (open === to) return
    open = to
    moved(door)
  }
  const door: SandboxDoorInside = {
    board,
    channel,
    jammed: false,
    items: [],
    isOpen: () => open,
    close: () => set(false),
    push: (after = rebounds) => {
      set(false)
      clock.after(after, () => set(true))
    },
    force: () => set(true),
    pulse: () => {
      clock.after(springs, () => {
        if (!door.jammed) set(true)
      })
    },
  }
  return door
}
