/** What differs from library to library about orders: data, never code. */
export interface OrderPolicy {
  /** IANA zone of the library's local day. */
  readonly zone: string
  /** When the item is charged in the ILS: before it is packed, or when the reader has it in hand. */
  readonly chargeAt: 'pack' | 'collect'
  /** `own`: the ILS is not asked for holds at all; our own reservation stands. */
  readonly holds: 'ils' | 'own'
  readonly itemsPerParcel: number
  readonly itemsPerOrder: number
  /** False: an order above the parcel limit is refused instead of split. */
  readonly mayBeSplit: boolean
  /** What an order costs of which not every item was found. */
  readonly partlyFilledFee: 'same' | 'by-items'
  /** Lines of one card that may be on their way at once. */
  readonly openRequests: number
  /** Open days an item lies ready in a locker or at a desk. */
  readonly pickupDays: number
  readonly pickupReminderHours: number
  /** Open days after which a line that was never found is given up. */
  readonly giveUpDays: number
  /** Open days staff have to settle a refused check-out. */
  readonly refusedDays: number
  /** Orders before `before` (local wall clock) are ready at `ready`, `days` open days later. First match counts. */
  readonly waves: readonly Wave[]
  /** Working days a courier needs to the door. */
  readonly courierDays: number
  /** Open days that another library's item takes longer. */
  readonly interLibraryDays: number
  /** Driver that carries home deliveries and courier returns. */
  readonly courier: string
  /** Overdue counts to the moment the reader handed it in, or to the scan at the library. */
  readonly loanClockStops: 'handed-in' | 'received'
  readonly renewals: number
  readonly transfersPerLoan: number
  readonly dueReminderDays: number
  /** Days after which a loan past its due date is looked up in the ILS, and again after each such span. */
  readonly recheckDays: number
  /** Minutes of certain silence after which a hold becomes a reservation of our own. */
  readonly ilsPatienceMinutes: number
  /** In whose name another library's ILS lends: the borrowing library's card, or the reader's own where there is one. */
  readonly interLibraryCharge: 'institution-card' | 'shared-card'
  /** Libraries that are asked for one line before it is given up. */
  readonly suppliersAsked: number
  /** Milliseconds all candidates together have to tell their item status. */
  readonly supplyDeadline: number
  /** Days a copy that was not found, lost or damaged is kept out of the offer. */
  readonly withdrawnDays: number
}

export interface Wave {
  readonly before: string
  readonly ready: string
  readonly days: number
}

/** Values found in the field; a library overrules what it does otherwise. */
export const defaultPolicy: OrderPolicy = {
  zone: 'Asia/Shanghai',
  chargeAt: 'pack',
  holds: 'ils',
  itemsPerParcel: 5,
  itemsPerOrder: 20,
  mayBeSplit: true,
  partlyFilledFee: 'same',
  openRequests: 20,
  pickupDays: 3,
  pickupReminderHours: 24,
  giveUpDays: 10,
  refusedDays: 3,
  waves: [
    { before: '16:00', ready: '17:00', days: 0 },
    { before: '24:00', ready: '10:00', days: 1 },
  ],
  courierDays: 2,
  interLibraryDays: 2,
  courier: 'sf',
  loanClockStops: 'handed-in',
  renewals: 1,
  transfersPerLoan: 2,
  dueReminderDays: 3,
  recheckDays: 7,
  ilsPatienceMinutes: 30,
  interLibraryCharge: 'institution-card',
  suppliersAsked: 4,
  supplyDeadline: 3000,
  withdrawnDays: 30,
}
