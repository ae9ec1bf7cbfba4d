import type { Clock } from '../kernel/clock.ts'
import type { CabinetEvent, DoorReading, TellsEvents } from './locker.ts'
import { type FrameAt, type LineBus, scan } from './transport/bus.ts'
import { bucket } from './transport/mqtt-meter.ts'
import { createTeller } from './transport/tell.ts'

/** What a board says unasked when a door moves. */
export type PushAt = FrameAt<Pick<DoorReading, 'board' | 'channel' | 'door'>>

/** Bytes of a push that may be cut in two, and bytes that are looked through at once. */
const longestPush = 32
const heardAtOnce = 1024
/** Of one board, told at once, and per second in the long run: a contact that never comes to rest fills no history. */
const burst = 30
const perSecond = 0.5

/**
 * Passes on what boards say unasked, with our time of arrival. It may be lost on its way, as all on such a line, or be
 * passed over where a board says too much, and nothing is kept for later: who begins to listen reads the doors first.
 */
export const hearPushes = (
  pushedAt: PushAt,
  name: string,
  boards: ReadonlyMap<number, { readonly channels: number }>,
  bus: LineBus,
  clock: Clock,
): TellsEvents & { stop(): void } => {
  const teller = createTeller(clock)
  const find = scan(pushedAt)
  const speech = new Map([...boards.keys()].map(board => [board, bucket(clock, burst, perSecond)]))
  let rest: Uint8Array = new Uint8Array(0)
  let count = 0
  let heardBy: Parameters<TellsEvents['onEvent']>[0] | undefined
  const stop = bus.overhear(chunk => {
    if (!heardBy) return
    rest = Uint8Array.of(...rest, ...chunk.subarray(-heardAtOnce))
    for (let next = find(rest); next; next = find(rest)) {
      rest = rest.subarray(next.end)
      const { board, channel, door } = next.value
      if (door === 'unknown' || channel < 1 || channel > (boards.get(board)?.channels ?? 0)) continue
      if (speech.get(board)?.take(1) !== true) continue
      count += 1
      teller.tell(pushed(`${name}/${board}/${channel}/${clock.now()}/${count}`, board, channel, door, clock))
    }
    rest = rest.subarray(-longestPush)
  })
  return {
    onEvent: listener => {
      const hush = teller.onEvent(listener)
      heardBy = listener
      return () => {
        if (heardBy === listener) heardBy = undefined
        hush()
      }
    },
    stop: () => {
      stop()
      teller.close()
    },
  }
}

const pushed = (
  id: string,
  board: number,
  channel: number,
  door: 'open' | 'closed',
  clock: Clock,
): CabinetEvent => ({
  id,
  board,
  seq: null,
  at: clock.now(),
  timed: 'arrival',
  receivedAt: clock.now(),
  what: { kind: door === 'open' ? 'door-opened' : 'door-closed', channel },
})
