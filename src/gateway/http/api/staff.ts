/** What librarians and locker screens do. Staff paths need the staff session, kiosk paths the device key. */
import { z } from '@hono/zod-openapi'
import { lineStatuses } from '../../orders/order.ts'
import { time, words } from './common.ts'

/** POST /api/session/staff */
export const staffLogin = z.object({ user: z.string().min(1).max(64), password: z.string().min(1).max(200) })
export const staffMe = z
  .object({
    user: z.string(),
    name: z.string(),
    role: z.enum(['librarian', 'manager', 'auditor', 'administrator']),
    libraryId: z.string(),
    branches: z.array(z.string()),
  })
  .openapi('StaffMe')
export type StaffMeJson = z.infer<typeof staffMe>

/** One row of any work list: one row, one next action. */
export const workRow = z
  .object({
    orderId: z.string(),
    orderNumber: z.string(),
    lineId: z.string(),
    title: z.string(),
    author: z.string().optional(),
    barcode: z.string().nullable(),
    callNumber: z.string().nullable(),
    /** The ILS's code of the shelves. */
    location: z.string().nullable(),
    /** Where it is now: the branch of its shelf, the door of a locker, a desk. */
    place: words,
    branchId: z.string(),
    /** Masked: 李**. */
    reader: z.string(),
    status: z.enum(lineStatuses),
    statusName: words,
    delivery: z.object({ way: z.enum(['home', 'branch', 'locker']), name: words }),
    deadline: time.nullable(),
    /** Working seconds left; negative when late; null without a deadline. */
    secondsLeft: z.number().int().nullable(),
    risk: z.enum(['on-time', 'at-risk', 'late']),
    parcelNumber: z.string().nullable(),
    compartment: z.string().nullable(),
    trouble: words.nullable(),
    ilsPending: z.boolean(),
    can: z.array(z.string()),
  })
  .openapi('WorkRow')
export type WorkRowJson = z.infer<typeof workRow>

/** GET /api/staff/me; DELETE /api/session/staff logs out. GET /api/staff/today */
export const today = z
  .object({
    counts: z.object({
      toFind: z.number().int(),
      toFindLate: z.number().int(),
      toPack: z.number().int(),
      toSend: z.number().int(),
      toReceive: z.number().int(),
      toRecover: z.number().int(),
      exceptions: z.number().int(),
    }),
    /** Lines per hour of the library's day for the flow chart. */
    flow: z.array(
      z.object({
        hour: z.number().int(),
        received: z.number().int(),
        found: z.number().int(),
        packed: z.number().int(),
        sent: z.number().int(),
        collected: z.number().int(),
      }),
    ),
    ils: z.array(z.object({ libraryId: z.string(), state: z.string(), say: words, queue: z.number().int() })),
    soonLate: z.array(workRow),
  })
  .openapi('Today')
export type TodayJson = z.infer<typeof today>

/** GET /api/staff/work/{list}: rows in walking order (location, call number). */
export const workLists = ['find', 'pack', 'send', 'receive', 'recover', 'exceptions', 'manual'] as const
export const workList = z.object({ list: z.enum(workLists), rows: z.array(workRow) }).openapi('WorkList')
export type WorkListJson = z.infer<typeof workList>

/** POST /api/staff/scan: any barcode, parcel or compartment label; the right thing happens, or says why not. */
export const scanInput = z.object({
  code: z.string().min(1).max(64),
  /** Where the person stands; `auto` lets the state of the item decide. */
  mode: z.enum(['auto', 'find', 'pack', 'send', 'receive', 'recover']).default('auto'),
  branchId: z.string().max(64).optional(),
})
export const scanResult = z
  .object({
    /** yes: done; look: done, but read this (alert, hold, other branch); no: refused. */
    signal: z.enum(['yes', 'look', 'no']),
    say: words,
    row: workRow.nullable(),
    /** What to do with the book in the hand. */
    next: words.nullable(),
  })
  .openapi('ScanResult')
export type ScanResultJson = z.infer<typeof scanResult>

/**
 * POST /api/staff/lines/{lineId}/{action}: found {barcode}, not-found {reason}, pack {parcelNumber?}, send,
 * put-in-locker {lockerId}, at-branch, hand-over, receive, recover, retry-checkout, cancel {reason}, lost, damaged {note},
 * claimed-returned, carrier-lost, sent-back, refused-damaged, confirm (manual ILS). Answers a `scanResult`.
 * GET /api/staff/work/{list} gives each row its allowed actions in `can`, the next step first.
 */
export const lineAction = z.object({
  barcode: z.string().max(64).optional(),
  reason: z.string().max(200).optional(),
  note: z.string().max(500).optional(),
  lockerId: z.string().max(64).optional(),
  parcelNumber: z.string().max(64).optional(),
  /** Where the person stands. */
  branchId: z.string().max(64).optional(),
})

/** GET /api/staff/lockers */
export const lockerPicture = z
  .object({
    id: z.string(),
    name: words,
    place: z.string(),
    online: z.boolean(),
    boards: z.array(z.object({ board: z.number().int(), silentSince: time.nullable() })),
    compartments: z.array(
      z.object({
        id: z.string(),
        label: z.string(),
        size: z.enum(['small', 'medium', 'large']),
        row: z.number().int(),
        column: z.number().int(),
        state: z.enum(['free', 'reserved', 'loaded', 'expired', 'returned', 'out_of_service']),
        door: z.enum(['open', 'closed', 'unknown']),
        since: time,
        titles: z.array(z.string()),
        alarm: words.nullable(),
      }),
    ),
  })
  .openapi('LockerPicture')
export type LockerPictureJson = z.infer<typeof lockerPicture>
/** POST /api/staff/lockers/{id}/compartments/{compartmentId}/open: a person, a reason, an audit entry. */
export const remoteOpen = z.object({ reason: z.string().min(3).max(200) })

/** Locker screen. POST /api/kiosk/collect {code}; /return {barcode | qr}; /confirm; /deposit {badge, barcode | parcel} */
export const kioskCollect = z.object({ code: z.string().min(4).max(200) })
export const kioskReturn = z.object({ code: z.string().min(1).max(200) })
export const kioskDeposit = z.object({ badge: z.string().min(1).max(64), code: z.string().min(1).max(64) })
/** POST /api/kiosk/again {visit, how}: the same door once more, another door, or the visit is handed to staff. */
export const kioskAgain = z.object({
  visit: z.string().max(64),
  how: z.enum(['same-door', 'other-door', 'call-staff', 'nothing-in', 'wrong-item']),
})
/** POST /api/kiosk/confirm {visit}: the person says that the door is closed, where the board cannot tell. */
export const kioskConfirm = z.object({ visit: z.string().max(64) })
export const kioskAnswer = z
  .object({
    signal: z.enum(['open', 'jammed', 'no', 'done']),
    say: words,
    compartment: z
      .object({ id: z.string(), label: z.string(), row: z.number().int(), column: z.number().int() })
      .nullable(),
    titles: z.array(z.string()),
    /** Token of this visit, for /api/kiosk/again (open again, or another door) and for waiting on the door. */
    visit: z.string().nullable(),
  })
  .openapi('KioskAnswer')
export type KioskAnswerJson = z.infer<typeof kioskAnswer>
/** GET /api/kiosk/state: the cabinet's drawing, and (with ?visit=) what became of the visit's door. */
export const kioskState = z
  .object({
    locker: z.object({
      id: z.string(),
      name: words,
      phone: z.string(),
      online: z.boolean(),
      /** When the building closes, from half an hour before; null otherwise. */
      closesAt: time.nullable(),
    }),
    compartments: z.array(
      z.object({
        id: z.string(),
        label: z.string(),
        size: z.string(),
        row: z.number().int(),
        column: z.number().int(),
        door: z.enum(['open', 'closed', 'unknown']),
      }),
    ),
    visit: z
      .object({
        id: z.string(),
        door: z.enum(['open', 'closed', 'unknown']),
        finished: z.boolean(),
        say: words,
      })
      .nullable(),
  })
  .openapi('KioskState')
export type KioskStateJson = z.infer<typeof kioskState>
