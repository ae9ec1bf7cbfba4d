import type { RelayAnswer } from '../../adapters/ils/ils.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Fact } from '../orders/implied.ts'
import type { Delivery, LineStatus } from '../orders/order.ts'
import type { Account } from './accounts.ts'

/** One of our open lines, as far as a machine is concerned. */
export interface OurLine {
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
  readonly patronId: string
  /** The library that owns the item. */
  readonly supplierId: string
  readonly barcode: string | null
  readonly title: string
  readonly recordId: string
  readonly status: LineStatus
  readonly delivery: Delivery
  /** Whose pick list it is on. */
  readonly branchId: string
  readonly deskId: string | null
  readonly lockerId: string | null
  readonly collectUntil: Millis | null
  readonly dueAt: Millis | null
  /** Charged in the library system. */
  readonly charged: boolean
  /** A hold of this line stands in the library system. */
  readonly held: boolean
  /** Acts on the library system are owed or under way: it does not know yet what we know. */
  readonly unsettled: boolean
  readonly routing: string | null
  /** When staff had this copy in hand for the line. */
  readonly foundAt: Millis | null
}

/** A reader of ours; the card and the name come out of the personal store only when asked for. */
export interface OurReader {
  readonly patronId: string
  readonly frozenUntil: Millis | null
  readonly lines: readonly OurLine[]
  card(): string
  name(): string
}

export interface Place {
  readonly branchId: string
  readonly libraryId: string
  readonly name: Words
  /** The library system's own code; the branch's id where it has none. */
  readonly code: string
}

/** Something that physically happened, and that the library system must be told. */
export interface HappenedHere {
  readonly libraryId: string
  readonly act: 'checkout' | 'checkin' | 'renew'
  readonly barcode: string
  readonly card?: string | undefined
  readonly at: Millis
  readonly dueAt?: Millis | undefined
  readonly location?: string | undefined
  readonly maybeDone?: boolean | undefined
}

/** What the gateway itself knows and decides, as the server sees it. */
export interface Ours {
  /** Undefined for a card that never used online lending. */
  reader(libraryId: string, card: string): Promise<OurReader | undefined>
  readerById(libraryId: string, patronId: string): Promise<OurReader | undefined>
  /** The open line that has an item; one of the machine's own library goes before one of another. */
  line(libraryId: string, barcode: string): Promise<OurLine | undefined>
  /** The record of an item of this library; undefined when the catalogue has none. */
  recordOf(libraryId: string, barcode: string): Promise<string | undefined>
  /** Another library of the gateway that owns an item which this one does not. */
  otherOwner(libraryId: string, barcode: string): Promise<string | undefined>
  titles(libraryId: string, barcodes: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Evidence, with the steps it implies; false when it did nothing. */
  tell(account: Account, line: OurLine, fact: Fact, at: Millis): Promise<boolean>
  happened(account: Account, what: HappenedHere): Promise<void>
  /** Whether acts on this item still wait to be told to the library system. */
  waits(libraryId: string, barcode: string): Promise<boolean>
  /** Tries of PINs, counted together with those of the pages. */
  readonly pins: {
    locked(libraryId: string, card: string): Promise<boolean>
    wrong(libraryId: string, card: string): Promise<void>
    right(libraryId: string, card: string): Promise<void>
  }
  place(branchId: string): Place
  /** The branch of a location code, or of a branch's own id. */
  placeOf(libraryId: string, code: string): Place | undefined
  libraryName(libraryId: string): Words
  zone(libraryId: string): string
}

/** An answer before it is written for one machine. */
export type Reply = RelayAnswer
