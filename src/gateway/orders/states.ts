import type { NoticeName } from '../notices/words.ts'
import type { What } from './evidence.ts'
import type { GuardName } from './guards.ts'
import type { LineOutcome, LineStatus } from './order.ts'
import type { RecipeName } from './recipes.ts'
import type { TimerName } from './timers.ts'
import type { TroubleName } from './words.ts'

/** Whose move it is. */
export type Side = 'reader' | 'staff' | 'ils' | 'carrier' | 'none'

export interface Edge {
  readonly to: LineStatus
  /** All must hold; of several edges for one word the first that may be taken is. */
  readonly when?: readonly GuardName[]
  readonly effects?: readonly RecipeName[]
  readonly tell?: NoticeName
  readonly trouble?: TroubleName
  /** Clears the trouble though the line stays where it is. */
  readonly settles?: true
  /** Begins a new round, with another copy or with another parcel: the way is walked again from here. */
  readonly again?: 'copy' | 'parcel'
  /** Leads back to an earlier step without a new round. */
  readonly back?: true
  /** Why the copy is kept out of the offer for a while. */
  readonly withdraw?: 'not-found' | 'lost' | 'damaged' | 'misplaced'
  readonly ending?: LineOutcome
}

export interface State {
  readonly zh: string
  readonly en: string
  /** Rises along the way; only edges marked `again` or `back` lead down. */
  readonly rank: number
  readonly side: Side
  readonly next: { readonly [W in What]?: Edge | readonly Edge[] }
  /** Taken at once when it holds, without new evidence. */
  readonly auto?: readonly Edge[]
  /** What happens by itself if nothing else does. */
  readonly timers?: readonly TimerName[]
  readonly terminal?: true
}

const cancel: Edge = { to: 'cancelling', effects: ['undo what stands'] }
const toStaff: Edge = { to: 'expired', when: ['not by the reader'], effects: ['close compartment'] }
const wrongItem: Edge = {
  to: 'seeking',
  effects: ['release compartment', 'give copy back', 'seek'],
  tell: 'wrong-item',
  withdraw: 'misplaced',
}
const notThere: Edge = {
  to: 'seeking',
  effects: ['give copy back', 'seek'],
  tell: 'looking-elsewhere',
  withdraw: 'not-found',
}
const stay = (to: LineStatus, more: Partial<Edge> = {}): Edge => ({ to, ...more })
const returned = {
  'returned-in-locker': { to: 'return_in_locker', tell: 'handed-in' },
  'returned-at-branch': { to: 'return_at_branch', tell: 'handed-in' },
} as const satisfies State['next']
const checkinAnswers = (to: LineStatus): State['next'] => ({
  'checked-in': stay(to),
  'hold-cancelled': stay(to),
  'checkin-refused': stay(to, { trouble: 'checkin-refused' }),
  'checkin-retried': stay(to, { effects: ['check in'], settles: true }),
  'checkout-refused': stay(to, { effects: ['undo what stands'] }),
})
const received: Edge = { to: 'received', effects: ['check in', 'record damage'] }
const collected: Edge = { to: 'collected', effects: ['charge in hand'] }

/** Where a line can be, and what may happen to it there. Checked at start, drawn into the docs, served to staff. */
export const states: Readonly<Record<LineStatus, State>> = {
  requested: {
    zh: '已提交',
    en: 'Requested',
    rank: 10,
    side: 'ils',
    timers: ['give up'],
    auto: [{ to: 'seeking', when: ['no copy chosen'], effects: ['seek'] }],
    next: {
      submitted: [
        stay('requested', { when: ['checked already'], effects: ['place hold'] }),
        stay('requested', { effects: ['check patron'] }),
      ],
      'patron-cleared': stay('requested', { effects: ['place hold'] }),
      'patron-refused': { to: 'closed', ending: 'refused', effects: ['give fee back'], tell: 'not-entitled' },
      'hold-placed': { to: 'confirmed' },
      'hold-refused': { to: 'seeking', effects: ['seek'] },
      'cancel-requested': cancel,
    },
  },
  confirmed: {
    zh: '已预留',
    en: 'Reserved',
    rank: 20,
    side: 'none',
    timers: ['staff hours', 'give up'],
    auto: [{ to: 'picking', when: ['staff are there'] }],
    next: { listed: { to: 'picking' }, 'cancel-requested': cancel },
  },
  picking: {
    zh: '找书中',
    en: 'On the pick list',
    rank: 30,
    side: 'staff',
    timers: ['give up'],
    next: {
      'item-found': [
        { to: 'found', when: ['copy is free', 'charge at pack'], effects: ['swap hold', 'check out'] },
        { to: 'found', when: ['copy is free', 'charge at collect'], effects: ['swap hold'] },
      ],
      'item-not-found': notThere,
      'cancel-requested': cancel,
    },
  },
  seeking: {
    zh: '换一本找',
    en: 'Looking for another copy',
    rank: 138,
    side: 'none',
    timers: ['give up'],
    next: {
      'copy-assigned': [
        stay('seeking', { when: ['copy is taken'], effects: ['seek'] }),
        { to: 'requested', again: 'copy', effects: ['place hold'], tell: 'another-copy' },
      ],
      'no-copy-left': { to: 'closed', effects: ['give fee back'], tell: 'not-supplied' },
      'cancel-requested': cancel,
    },
  },
  found: {
    zh: '已找到',
    en: 'Found',
    rank: 40,
    side: 'ils',
    next: {
      'checked-out': { to: 'charged' },
      'checkout-deferred': { to: 'charged' },
      'checkout-refused': [
        {
          to: 'seeking',
          when: ['about the item'],
          effects: ['give copy back', 'seek'],
          tell: 'looking-elsewhere',
        },
        { to: 'checkout_refused', tell: 'checkout-refused', trouble: 'checkout-refused' },
      ],
      packed: {
        to: 'packed',
        when: ['charge at collect'],
        effects: ['reserve compartment', 'book courier'],
      },
      'item-not-found': notThere,
      'cancel-requested': cancel,
    },
  },
  checkout_refused: {
    zh: '借出被拒',
    en: 'Check-out refused',
    rank: 42,
    side: 'staff',
    timers: ['refused too long'],
    next: {
      'checkout-retried': { to: 'found', back: true, effects: ['check out'] },
      'item-not-found': notThere,
      'cancel-requested': cancel,
    },
  },
  charged: {
    zh: '已办借出',
    en: 'Checked out',
    rank: 50,
    side: 'staff',
    next: {
      'checkout-refused': [
        {
          to: 'seeking',
          when: ['charge is owed', 'about the item'],
          effects: ['give copy back', 'seek'],
          tell: 'looking-elsewhere',
        },
        {
          to: 'checkout_refused',
          back: true,
          when: ['charge is owed'],
          tell: 'checkout-refused',
          trouble: 'checkout-refused',
        },
      ],
      packed: { to: 'packed', effects: ['reserve compartment', 'book courier'] },
      'item-not-found': notThere,
      'cancel-requested': cancel,
    },
  },
  packed: {
    zh: '已打包',
    en: 'Packed',
    rank: 60,
    side: 'staff',
    next: {
      'checkout-refused': stay('packed', { when: ['charge is owed'], trouble: 'loan-not-recorded' }),
      shipped: { to: 'shipped', effects: ['spend fee'], tell: 'shipped' },
      'compartment-reserved': stay('packed'),
      'no-compartment': stay('packed', { trouble: 'no-compartment' }),
      'locker-offline': stay('packed', { trouble: 'locker-offline', tell: 'to-the-desk' }),
      'place-refused': stay('packed', { trouble: 'place-refused', tell: 'no-place' }),
      'door-jammed': stay('packed', { trouble: 'door-jammed' }),
      'put-in-locker': { to: 'in_locker', effects: ['spend fee'], tell: 'ready-in-locker' },
      'at-branch': {
        to: 'at_branch',
        effects: ['spend fee', 'release compartment'],
        tell: 'ready-at-branch',
      },
      'cancel-requested': {
        to: 'cancelling',
        when: ['not by the reader'],
        effects: ['undo what stands', 'cancel courier', 'release compartment'],
      },
    },
  },
  shipped: {
    zh: '运送中',
    en: 'On its way',
    rank: 70,
    side: 'carrier',
    next: {
      'checkout-refused': stay('shipped', { when: ['charge is owed'], trouble: 'loan-not-recorded' }),
      delivered: { to: 'delivered', effects: ['charge in hand'], tell: 'delivered' },
      'compartment-reserved': stay('shipped'),
      'no-compartment': stay('shipped', { trouble: 'no-compartment' }),
      'locker-offline': stay('shipped', { trouble: 'locker-offline', tell: 'to-the-desk' }),
      'place-refused': stay('shipped', { trouble: 'place-refused', tell: 'no-place' }),
      'door-jammed': stay('shipped', { trouble: 'door-jammed' }),
      'put-in-locker': { to: 'in_locker', tell: 'ready-in-locker' },
      'at-branch': { to: 'at_branch', effects: ['release compartment'], tell: 'ready-at-branch' },
      'carrier-lost': {
        to: 'seeking',
        effects: ['release compartment', 'give copy back', 'seek'],
        tell: 'lost-on-the-way',
        withdraw: 'lost',
      },
      'refused-damaged': {
        to: 'seeking',
        effects: ['give copy back', 'seek'],
        tell: 'sent-again',
        withdraw: 'damaged',
      },
      'sent-back': [
        {
          to: 'charged',
          when: ["carrier's fault", 'charge at pack'],
          again: 'parcel',
          effects: ['release compartment'],
          tell: 'sent-again',
        },
        {
          to: 'found',
          when: ["carrier's fault"],
          again: 'parcel',
          effects: ['release compartment'],
          tell: 'sent-again',
        },
        {
          to: 'recovered',
          effects: ['release compartment', 'check in', 'record uncollected'],
          tell: 'sent-back',
        },
      ],
    },
  },
  in_locker: {
    zh: '在自助柜待取',
    en: 'Ready in the locker',
    rank: 80,
    side: 'reader',
    timers: ['pick-up reminder', 'pick-up end'],
    next: {
      'checkout-refused': stay('in_locker', { when: ['charge is owed'], trouble: 'loan-not-recorded' }),
      collected,
      reminded: stay('in_locker', { when: ['within reach'], tell: 'pickup-reminder' }),
      'pickup-expired': {
        to: 'expired',
        when: ['within reach'],
        effects: ['close compartment'],
        tell: 'pickup-expired',
      },
      'door-jammed': stay('in_locker', { trouble: 'door-jammed', tell: 'door-jammed' }),
      'locker-offline': stay('in_locker', { tell: 'locker-away' }),
      'locker-online': [
        stay('in_locker', { when: ['within reach'], tell: 'locker-back' }),
        stay('in_locker'),
      ],
      'door-works': [
        stay('in_locker', { when: ['door had jammed', 'within reach'], tell: 'door-works' }),
        stay('in_locker', { when: ['door had jammed'] }),
      ],
      'at-branch': { to: 'at_branch', effects: ['release compartment'], tell: 'moved-to-desk' },
      'cancel-requested': toStaff,
      'wrong-item': wrongItem,
    },
  },
  at_branch: {
    zh: '在分馆待取',
    en: 'Ready at the branch',
    rank: 82,
    side: 'reader',
    timers: ['pick-up reminder', 'pick-up end'],
    next: {
      'checkout-refused': stay('at_branch', { when: ['charge is owed'], trouble: 'loan-not-recorded' }),
      collected,
      reminded: stay('at_branch', { tell: 'pickup-reminder' }),
      'pickup-expired': { to: 'expired', tell: 'pickup-expired' },
      'cancel-requested': toStaff,
      'wrong-item': wrongItem,
    },
  },
  expired: {
    zh: '逾期未取',
    en: 'Not collected in time',
    rank: 85,
    side: 'staff',
    next: {
      'checkout-refused': stay('expired', { when: ['charge is owed'], trouble: 'loan-not-recorded' }),
      recovered: { to: 'recovered', effects: ['release compartment', 'check in', 'record uncollected'] },
      collected,
    },
  },
  recovered: {
    zh: '已收回',
    en: 'Taken back',
    rank: 90,
    side: 'ils',
    auto: [{ to: 'discharged', when: ['settled'] }],
    next: checkinAnswers('recovered'),
  },
  delivered: {
    zh: '已送达',
    en: 'Delivered',
    rank: 100,
    side: 'ils',
    auto: [{ to: 'on_loan', when: ['charged or trusted'], effects: ['record borrowed'] }],
    next: {
      'checked-out': stay('delivered'),
      'checkout-deferred': stay('delivered'),
      'checkout-refused': stay('delivered', { trouble: 'charge-refused' }),
      'wrong-item': wrongItem,
    },
  },
  collected: {
    zh: '已取走',
    en: 'Collected',
    rank: 101,
    side: 'ils',
    auto: [{ to: 'on_loan', when: ['charged or trusted'], effects: ['record borrowed'] }],
    next: {
      'checked-out': stay('collected'),
      'checkout-deferred': stay('collected'),
      'checkout-refused': stay('collected', { trouble: 'charge-refused' }),
      'wrong-item': wrongItem,
    },
  },
  on_loan: {
    zh: '借阅中',
    en: 'On loan',
    rank: 110,
    side: 'reader',
    timers: ['due reminder', 'recheck'],
    next: {
      ...returned,
      'renew-requested': stay('on_loan', { when: ['may be renewed'], effects: ['renew'] }),
      reminded: stay('on_loan', { tell: 'due-soon' }),
      'recheck-due': [stay('on_loan', { when: ['loan is recorded'], effects: ['recheck'] }), stay('on_loan')],
      'seen-lent': stay('on_loan'),
      'seen-returned': { to: 'discharged', effects: ['record returned'], tell: 'returned' },
      'return-requested': { to: 'return_requested', effects: ['book return'] },
      'transfer-requested': { to: 'transferring', when: ['may be transferred'], effects: ['hand over'] },
      'reported-lost': { to: 'missing', trouble: 'reported-lost' },
      'claimed-returned': { to: 'missing', trouble: 'claimed-returned' },
      'wrong-item': wrongItem,
    },
  },
  transferring: {
    zh: '转借中',
    en: 'Being passed on',
    rank: 115,
    side: 'ils',
    next: {
      'transfer-refused': { to: 'on_loan', back: true, tell: 'transfer-refused' },
      'checked-in': stay('transferring', { effects: ['charge to the other reader'] }),
      'checkout-refused': [
        stay('transferring', { when: ['being taken over'], effects: ['tell check-out'] }),
        stay('transferring', { trouble: 'charge-refused' }),
      ],
      'checked-out': [
        {
          to: 'closed',
          when: ['being taken over'],
          ending: 'transferred',
          effects: ['record returned'],
          tell: 'passed-on',
        },
        { to: 'on_loan', back: true, tell: 'transfer-refused' },
      ],
    },
  },
  return_requested: {
    zh: '已约还书',
    en: 'Return arranged',
    rank: 120,
    side: 'carrier',
    timers: ['due reminder', 'recheck'],
    next: {
      ...returned,
      'return-picked-up': { to: 'return_shipped', tell: 'handed-in' },
      'return-requested': [
        stay('return_requested', { when: ['another way back'], effects: ['cancel return', 'book return'] }),
        stay('return_requested'),
      ],
      'return-request-cancelled': { to: 'on_loan', back: true, effects: ['cancel return'] },
      reminded: stay('return_requested', { tell: 'due-soon' }),
      'recheck-due': [
        stay('return_requested', { when: ['loan is recorded'], effects: ['recheck'] }),
        stay('return_requested'),
      ],
      'seen-lent': stay('return_requested'),
      'seen-returned': { to: 'discharged', effects: ['cancel return', 'record returned'], tell: 'returned' },
      'reported-lost': { to: 'missing', trouble: 'reported-lost' },
      'claimed-returned': { to: 'missing', trouble: 'claimed-returned' },
    },
  },
  return_shipped: {
    zh: '还书运送中',
    en: 'On its way back',
    rank: 130,
    side: 'carrier',
    next: {
      received,
      'carrier-lost': {
        to: 'missing',
        effects: ['check in'],
        tell: 'return-lost-on-the-way',
        trouble: 'carrier-lost',
      },
    },
  },
  return_in_locker: {
    zh: '已还入自助柜',
    en: 'Returned into a locker',
    rank: 131,
    side: 'staff',
    next: { received, 'claimed-returned': { to: 'missing', trouble: 'claimed-returned' } },
  },
  return_at_branch: {
    zh: '已还到分馆',
    en: 'Returned at a branch',
    rank: 132,
    side: 'staff',
    next: { received, 'claimed-returned': { to: 'missing', trouble: 'claimed-returned' } },
  },
  missing: {
    zh: '下落不明',
    en: 'Missing',
    rank: 135,
    side: 'staff',
    next: {
      'returned-in-locker': { to: 'return_in_locker', back: true, tell: 'handed-in' },
      'returned-at-branch': { to: 'return_at_branch', back: true, tell: 'handed-in' },
      'checked-in': stay('missing'),
      'checkin-refused': stay('missing', { trouble: 'checkin-refused' }),
      'checkin-retried': stay('missing', { effects: ['check in'], settles: true }),
      'seen-returned': { to: 'discharged', effects: ['record returned'], tell: 'returned' },
      'found-again': [
        { to: 'on_loan', when: ['with the reader'], back: true },
        { to: 'received', when: ['in the library'], effects: ['check in'] },
      ],
      'lost-paid': { to: 'closed', effects: ['record lost'], tell: 'lost-settled', withdraw: 'lost' },
    },
  },
  received: {
    zh: '已收到',
    en: 'Received',
    rank: 140,
    side: 'ils',
    auto: [{ to: 'discharged', when: ['settled'], effects: ['record returned'], tell: 'returned' }],
    next: checkinAnswers('received'),
  },
  cancelling: {
    zh: '正在取消',
    en: 'Being cancelled',
    rank: 145,
    side: 'ils',
    auto: [
      { to: 'discharged', when: ['settled and to be sent on'], effects: [] },
      { to: 'closed', when: ['settled and free to go'], effects: ['give fee back'], tell: 'cancelled' },
    ],
    next: {
      'patron-cleared': stay('cancelling'),
      'patron-refused': stay('cancelling'),
      'hold-placed': stay('cancelling', { effects: ['undo what stands'] }),
      'hold-refused': stay('cancelling'),
      'hold-cancelled': stay('cancelling'),
      'checked-out': stay('cancelling', { effects: ['undo what stands'] }),
      'checkout-refused': stay('cancelling'),
      'checkout-deferred': stay('cancelling'),
      'checked-in': stay('cancelling'),
      'checkin-refused': stay('cancelling', { trouble: 'checkin-refused' }),
      'checkin-retried': stay('cancelling', { effects: ['undo check-out'], settles: true }),
    },
  },
  discharged: {
    zh: '已办还回',
    en: 'Checked in',
    rank: 150,
    side: 'staff',
    auto: [{ to: 'closed', when: ['nothing to send on'], effects: ['give fee back'] }],
    next: { routed: { to: 'closed', effects: ['give fee back'] } },
  },
  closed: { zh: '已结束', en: 'Closed', rank: 160, side: 'none', terminal: true, next: {} },
}

/** What may come wherever the line is, as long as it is open; it leaves the line where it is. */
export const anywhere: { readonly [W in What]?: Omit<Edge, 'to'> } = {
  'checked-out': { when: ['charge is owed'] },
  'checkout-refused': { when: ['charge is owed'], trouble: 'charge-refused' },
  'checkout-retried': { when: ['charge failed'], effects: ['tell check-out'], settles: true },
  'courier-booked': {},
  renewed: { tell: 'renewed' },
  'renewal-refused': { tell: 'renewal-refused' },
  'effect-dropped': {},
  'effect-failed': { trouble: 'effect-failed' },
  'trouble-settled': { settles: true },
}

/** The edges of one word in one state, in the order they are tried. */
export const edgesOf = (status: LineStatus, what: What): readonly Edge[] => {
  const state = states[status]
  const own = state.next[what]
  if (own) return Array.isArray(own) ? (own as readonly Edge[]) : [own as Edge]
  const common = anywhere[what]
  return common && !state.terminal ? [{ ...common, to: status }] : []
}

/** Where every line begins. */
export const start: LineStatus = 'requested'
