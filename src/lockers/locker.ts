import type { Millis } from '../kernel/clock.ts'
import type { Answer } from '../kernel/problem.ts'

/**
 * A driver of one locker make on one line (bus, broker, cloud). It knows bytes and channels; it knows neither
 * readers nor orders. Board and channel are counted as the vendor counts them.
 */
export interface LockerDriver {
  readonly name: string
  /** Opens one door. `opened` false: the board answered and says that the door did not open (jammed). */
  open(door: Door): Promise<Answer<{ readonly opened: boolean | 'unconfirmed' }>>
  /** Reads every door of a board in one exchange where the board can. Never delays an opening. `urgent`: somebody waits. */
  read(board: number, urgent?: boolean): Promise<Answer<readonly DoorReading[]>>
  /** Boards that may be read at the same time; 1 where left out, as on a half-duplex line. */
  readonly atOnce?: number
  close(): Promise<void>
}

export interface Door {
  readonly board: number
  readonly channel: number
}
export interface DoorReading extends Door {
  readonly door: 'open' | 'closed' | 'unknown'
  /** Only boards with a sensor tell. */
  readonly occupied?: boolean
}

export const sizes = ['small', 'medium', 'large'] as const
export type CompartmentSize = (typeof sizes)[number]

/**
 * What a cabinet tells by itself. It comes at least once: the same event has the same `id` however often it is
 * told, and after an outage whole days come at once, the oldest first.
 */
export interface CabinetEvent {
  readonly id: string
  readonly board: number
  /** The cabinet's own count, rising by one; null for makes that do not count and for what the line itself saw. */
  readonly seq: number | null
  /** When it happened: the cabinet's time, or ours where `timed` is `arrival`. */
  readonly at: Millis
  /** `doubtful`: the cabinet says, or its offset shows, that its clock was not set; `at` orders, it does not date. */
  readonly timed: 'cabinet' | 'doubtful' | 'arrival'
  readonly receivedAt: Millis
  readonly what: CabinetHappening
}

export type CabinetHappening =
  | {
      readonly kind: 'door-opened' | 'door-closed'
      readonly channel: number
      readonly occupied?: boolean
      /** Opened by this code, held by the cabinet, while or although nobody asked us. */
      readonly codeId?: string
    }
  | { readonly kind: 'code-locked-out' | 'tamper' | 'power-lost' | 'power-back' | 'online' | 'offline' }
  /** So many events that the cabinet could not keep until they were taken in: read its doors. */
  | { readonly kind: 'events-lost'; readonly count: number }

/** Extra power: the cabinet tells doors and troubles by itself, with its own times. */
export interface TellsEvents {
  /**
   * One listener at a time hears each cabinet's events in order, one after the other. An event is taken from the
   * cabinet only when the promise resolves; when it rejects, it is told again. Returns the way to stop hearing.
   */
  onEvent(listener: (event: CabinetEvent) => Promise<void>): () => void
}

/** Extra power: what a connected cabinet tells is told again until it is heard, and who falls silent is missed. */
export interface TellsSurely extends TellsEvents {
  /** A quiet cabinet need not be looked at oftener. */
  readonly lookEvery: Millis
  /**
   * One listener at a time hears of cabinets that have come or gone; to read one that has gone sends nothing. What happened
   * at one that is there again may not have been told.
   */
  onPresence(listener: (board: number) => void): () => void
}

/** A pick-up code as the cabinet keeps it: no digits, no reader. */
export interface HeldCode {
  /** Of the code, as told back in `codeId`. */
  readonly id: string
  readonly door: Door
  /** As stored (`hashCode`). Its key is given to the cabinet when it is put up, and never sent along. */
  readonly hash: string
  readonly until: Millis
}

/** Extra power: the cabinet keeps codes, and gives out what is loaded while it is cut off. */
export interface HoldsCodes {
  /** Putting the same code again changes nothing. An answer says that the cabinet has it. */
  putCode(code: HeldCode): Promise<Answer<void>>
  /** Also answers yes when the cabinet did not have it. */
  removeCode(board: number, codeId: string): Promise<Answer<void>>
  /** Ids of the codes it holds: what is to be put and removed after an outage is the difference. */
  heldCodes(board: number): Promise<Answer<readonly string[]>>
}

/** Extra power: the line knows of each cabinet whether it is there, without asking it. */
export interface TellsHealth {
  health(board: number): CabinetHealth
}

export interface CabinetHealth {
  readonly online: boolean
  readonly lastHeardAt: Millis | null
  readonly uptimeSeconds: number | null
  /** Its clock minus ours at the last message, in ms. */
  readonly clockOffset: Millis | null
  /** Messages not taken in: too large, too many, unreadable, foreign. */
  readonly dropped: number
}

/**
 * Extra power: its connection is one that a single process may have (a name on a broker, a broker inside). Made asleep
 * (`Wire.asleep`), it connects when it is woken: by the process that holds the lease of the line.
 */
export interface Sleeps {
  wake(): void
  /** Gives the connection up; what is under way is answered. It may be woken again. */
  sleep(): Promise<void>
}

/** Extra power: the line's own habits, for health pages and commissioning. */
export interface TellsLine {
  line(): LineState
}

export interface LineState {
  readonly up: boolean
  /** Whether the adapter repeats what it sends; known after the first reading on a connection. */
  readonly echo: 'yes' | 'no' | 'unknown'
  /** Bytes since the start; `stray` came when nothing was asked. */
  readonly sent: number
  readonly received: number
  readonly stray: number
}

/** Extra power: the vendor's cloud pushes to us. The caller gives the push on as it came, and the answer back. */
export interface HearsPushes {
  /** Last part of the address that it pushes to; undefined while none is set: then nothing is given on. */
  readonly hookSecret: string | undefined
  hear(push: Push): Promise<PushReply>
}

export interface Push {
  /** As it was called, without host and query. */
  readonly path: string
  readonly body: string
  header(name: string): string | undefined
}

/** 200: taken in. 400: not readable. 401: not signed, wrongly signed, too old. 503: not now, it must come again. */
export interface PushReply {
  readonly status: 200 | 400 | 401 | 503
  /** For the log; never sent. */
  readonly why?: string
}

/** What a vendor who gives his compartments away himself is asked for. Nothing of the reader. */
export interface PlaceWish {
  /** Ours: asked for again with the same one, it is the same place. */
  readonly reference: string
  /** The door we would like; the vendor may choose another one of the same cabinet. */
  readonly door: Door
  readonly size: CompartmentSize
  readonly until: Millis
}

/** A place as the vendor knows it. */
export interface KeptPlace {
  /** `asked`: the wish was taken, and what comes of it is told later. `gone`: let go, used, or its time is over. */
  readonly state: 'asked' | 'kept' | 'refused' | 'gone'
  /** The vendor's own number of it. */
  readonly number?: string
  /** The door that is kept, where the vendor tells. */
  readonly channel?: number
}

/** What the vendor tells of a place by himself; known by our reference, or by his number alone. */
export interface PlaceTold extends KeptPlace {
  readonly reference?: string
}

/** Extra power: the vendor gives his compartments away himself, to others too, and keeps one when he is asked. */
export interface KeepsPlaces {
  /** For how long a place is asked for at once, and how a longer time is got. */
  readonly placeTerms: {
    readonly life: Millis
    /** `same`: asked again with a later time, the same place is kept for longer. `anew`: only another one can be had. */
    readonly longer: 'same' | 'anew'
  }
  /**
   * `refused/...` is the vendor's no. A problem with `maybeDone` says that he may have taken the wish: ask `placeNow`
   * before asking again.
   */
  keepPlace(wish: PlaceWish): Promise<Answer<KeptPlace>>
  /** What is true of it now; undefined when the vendor knows nothing of it. */
  placeNow(place: PlaceRef): Promise<Answer<KeptPlace | undefined>>
  /** Also answers yes when there is nothing to let go. */
  letGo(place: PlaceRef): Promise<Answer<void>>
  /** One listener at a time. What it rejects is told again where the vendor does so. Returns the way to stop hearing. */
  onPlace(listener: (board: number | undefined, told: PlaceTold) => Promise<void>): () => void
}

export interface PlaceRef {
  readonly board: number
  readonly reference: string
  /** The vendor's own number, where he gave one. */
  readonly number?: string
}

/** Where credentials are kept of cabinets that registered themselves: as hashes, and over a restart. */
export interface Registrations {
  /**
   * Uses a token up, for the one of these cabinets that it was made for: its name and its new password, which ends the
   * one before. Undefined: the token is not known, used, too old, or another cabinet's.
   */
  redeem(
    token: string,
    cabinets: ReadonlySet<string>,
  ): Promise<{ readonly cabinet: string; readonly password: string } | undefined>
  /** Whether this is the password that the cabinet got last, and nobody has ended it. */
  knows(cabinet: string, password: string): Promise<boolean>
}
