import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, type Question } from '../boards.ts'
import { answered } from '../transport/bus.ts'
import { type KerongState, maxLock, maxUnit, requestFrame, stateAt } from './kerong-cu-frames.ts'

const board = z.strictObject({
  address: z.int().min(0).max(maxUnit).describe('number of the control unit, as set by its DIP switch'),
  channels: z.int().min(1).max(maxLock).describe('locks of the unit: 12 or 16'),
  infrared: z
    .boolean()
    .default(true)
    .describe('whether sensors are mounted that see what lies in the compartments'),
})

type KerongUnit = z.output<typeof board>

/** KERONG control units with up to 16 locks and their infrared sensors, up to 15 on one line. */
export const kerongCu = defineBoards({
  name: 'kerong-cu',
  title: {
    zh: 'KERONG 锁控板 KR-CU12/CU16（带红外检测）',
    en: 'KERONG control unit KR-CU12/CU16 (infrared)',
  },
  board,
  more: {},
  most: maxUnit + 1,
  // At 19200 baud; boards answer within 100 ms. Two pulses at once are more than the supply of a unit is sold for.
  timing: { gap: 5, afterSend: 25, betweenActs: 300, deadline: 400, late: 1000, patience: 5000 },
  family: (): BoardFamily<KerongUnit> => ({
    // Sources disagree whether an unlock is answered, and with what; only the state that is read afterwards counts.
    open: (of, lock) => ({
      ...stateQuestion(of, `open ${of.address}/${lock}`, () => 'taken' as const),
      request: requestFrame({ kind: 'open', unit: of.address, lock }),
      silence: { after: 100, means: 'nothing' as const },
    }),
    look: stateOf,
    read: of => [stateOf(of)],
  }),
})

const stateOf = (of: KerongUnit): Question<Look> => ({
  ...stateQuestion(of, `read ${of.address}`, lookOf(of)),
  request: requestFrame({ kind: 'read', unit: of.address }),
})

/** Whatever a unit is asked, it answers with its state: those answers cannot be told apart. */
const stateQuestion = <T>(
  of: KerongUnit,
  key: string,
  read: (state: KerongState) => T,
): Omit<Question<T>, 'request'> => ({
  key,
  kin: `state ${of.address}`,
  echoProof: true,
  ...answered(
    stateAt,
    state => (state.kind === 'state' && state.unit === of.address ? read(state) : undefined),
    state => state.unit !== of.address,
  ),
})

const lookOf =
  ({ channels, infrared }: KerongUnit) =>
  (state: KerongState): Look =>
    new Map(
      Array.from({ length: channels }, (_, index) => [
        index + 1,
        {
          door: state.locked.includes(index + 1) ? 'closed' : 'open',
          ...(infrared ? { occupied: state.occupied.includes(index + 1) } : {}),
        } as const,
      ]),
    )
