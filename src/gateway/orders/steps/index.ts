import type { EffectKind } from '../effects.ts'
import { checkPatron } from './check-patron.ts'
import { checkin } from './checkin.ts'
import { checkout } from './checkout.ts'
import { bookCourier, bookReturn, cancelCourier, cancelReturn } from './couriers.ts'
import { cancelHold, placeHold } from './holds.ts'
import { recheck, renew, transfer } from './loans.ts'
import { expireCompartment, releaseCompartment, reserveCompartment } from './lockers.ts'
import { recordCredit, refundFee, releaseQuota, settleFee } from './money.ts'
import { sendNotice } from './notify.ts'
import { seek } from './seek.ts'
import type { Step } from './step.ts'

export type Steps = { readonly [K in EffectKind]: Step<K> }

/** How each kind of effect is performed. */
export const steps: Steps = {
  'ils.check-patron': checkPatron,
  'ils.place-hold': placeHold,
  'ils.cancel-hold': cancelHold,
  'ils.checkout': checkout,
  'ils.checkin': checkin,
  'ils.renew': renew,
  'ils.transfer': transfer,
  'ils.recheck': recheck,
  'copy.seek': seek,
  'locker.reserve': reserveCompartment,
  'locker.release': releaseCompartment,
  'locker.expire': expireCompartment,
  'courier.book': bookCourier,
  'courier.cancel': cancelCourier,
  'courier.book-return': bookReturn,
  'courier.cancel-return': cancelReturn,
  'fee.settle': settleFee,
  'fee.refund': refundFee,
  'quota.release': releaseQuota,
  'credit.record': recordCredit,
  'notify.send': sendNotice,
}
