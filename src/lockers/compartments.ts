import { type Answer, no, refused, type Words, yes } from '../kernel/problem.ts'
import type { CompartmentSize } from './locker.ts'

/**
 * What a compartment is used for. Whether its door is open and whether it may be used at all are facts of their
 * own (`door`, `outOfService`): a jammed compartment still holds the parcel that is in it.
 */
export const compartmentStates = ['free', 'reserved', 'loaded', 'expired', 'returned'] as const
export type CompartmentState = (typeof compartmentStates)[number]

/** One parcel, or one return: lines of one order. Nothing of the reader. */
export interface Contents {
  readonly libraryId: string
  readonly orderId: string
  /** Number of the parcel; `return:<line>` for a return. No other parcel ever has it. */
  readonly parcel: string
  readonly lineIds: readonly string[]
}

export interface Compartment {
  readonly id: string
  readonly label: string
  readonly size: CompartmentSize
  readonly row: number
  readonly column: number
  readonly board: number
  readonly channel: number
  /** Reached from a wheelchair: neither high nor low. */
  readonly accessible: boolean
  readonly state: CompartmentState
  /** Why it may not be used, or null. */
  readonly outOfService: string | null
  readonly door: 'open' | 'closed' | 'unknown'
  /** What it is kept for or holds; null exactly when it is free. */
  readonly contents: Contents | null
  /** Openings so far. */
  readonly wear: number
  readonly lastUsedAt: number
  /** Free, but kept for a moment for the reader who may have left something inside. */
  readonly heldUntil: number
  /** The visit whose door this is now, or null. */
  readonly visitId: string | null
}

interface Move {
  readonly from: readonly CompartmentState[]
  readonly to: CompartmentState
}

/**
 * THE table: free -> reserved -> loaded -> collected (free), or loaded -> expired -> recovered (free);
 * free -> returned -> emptied (free). `recover` takes a parcel out early too, when its order is cancelled; `collect`
 * still counts when the time ran out between the opening and the closing of the door.
 */
export const moves = {
  reserve: { from: ['free'], to: 'reserved' },
  release: { from: ['reserved'], to: 'free' },
  load: { from: ['reserved'], to: 'loaded' },
  collect: { from: ['loaded', 'expired'], to: 'free' },
  expire: { from: ['loaded'], to: 'expired' },
  recover: { from: ['loaded', 'expired'], to: 'free' },
  return: { from: ['free'], to: 'returned' },
  empty: { from: ['returned'], to: 'free' },
} as const satisfies Record<string, Move>
export type CompartmentMove = keyof typeof moves

/** Moves that put something in; they name what. */
const filling: readonly CompartmentMove[] = ['reserve', 'return']

/**
 * The compartment after the move. `refused/compartment-move`: not from this state;
 * `compartment-out-of-service`: nothing new goes in; `compartment-other-parcel`: it is another parcel's.
 */
export const moved = (
  compartment: Compartment,
  move: CompartmentMove,
  contents?: Contents,
): Answer<Compartment> => {
  const { from, to }: Move = moves[move]
  if (!from.includes(compartment.state)) return no(illegal(compartment, move))
  if (filling.includes(move)) {
    if (compartment.outOfService !== null) return no(outOfService(compartment))
    if (!contents) return no(illegal(compartment, move))
    return yes({ ...compartment, state: to, contents })
  }
  if (contents && !sameParcel(compartment.contents, contents)) return no(otherParcel(compartment))
  return yes({ ...compartment, state: to, contents: to === 'free' ? null : compartment.contents })
}

export const sameParcel = (a: Contents | null, b: Contents): boolean =>
  a !== null && a.libraryId === b.libraryId && a.parcel === b.parcel

/** What people are shown: out of service hides the use. */
export const shownState = (
  compartment: Pick<Compartment, 'state' | 'outOfService'>,
): CompartmentState | 'out_of_service' =>
  compartment.outOfService === null ? compartment.state : 'out_of_service'

export const stateNames: Record<CompartmentState | 'out_of_service', Words> = {
  free: { zh: '空闲', en: 'free' },
  reserved: { zh: '已预留', en: 'reserved' },
  loaded: { zh: '待取', en: 'waiting for its reader' },
  expired: { zh: '过期未取', en: 'not collected in time' },
  returned: { zh: '有还书', en: 'holds a return' },
  out_of_service: { zh: '停用', en: 'out of service' },
}

const illegal = (compartment: Compartment, move: CompartmentMove) =>
  refused('compartment-move', {
    zh: `${compartment.label} 号格口当前为“${stateNames[compartment.state].zh}”，不能执行此操作（${move}）。`,
    en: `Compartment ${compartment.label} is ${stateNames[compartment.state].en}: it cannot ${move}.`,
  })
const outOfService = (compartment: Compartment) =>
  refused('compartment-out-of-service', {
    zh: `${compartment.label} 号格口已停用。`,
    en: `Compartment ${compartment.label} is out of service.`,
  })
const otherParcel = (compartment: Compartment) =>
  refused('compartment-other-parcel', {
    zh: `${compartment.label} 号格口里是另一个包裹。`,
    en: `Compartment ${compartment.label} holds another parcel.`,
  })
