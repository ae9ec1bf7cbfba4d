import type { Generated } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'

/** Rows of `0001-ground`. JSON columns are text; booleans are 0 or 1; instants are whole milliseconds. */
export interface GroundTables {
  patron: PatronTable
  patron_address: PatronAddressTable
  event: EventTable
  outbox: OutboxTable
  evidence: EvidenceTable
  lease: LeaseTable
  idempotency: IdempotencyTable
  audit: AuditTable
  audit_head: AuditHeadTable
  staff_user: StaffUserTable
  session: SessionTable
  access_key: AccessKeyTable
  attempt: AttemptTable
  manual_task: ManualTaskTable
}

export interface PatronTable {
  library_id: string
  id: string
  /** `personal.lookup('card', card)`. */
  card_hash: string
  card_sealed: string
  name_sealed: string
  phone_sealed: string | null
  joined_at: Millis | null
  tier: string | null
  frozen_until: Millis | null
  large_type: number
  /** 1: compartments within reach from a wheelchair. */
  within_reach: Generated<number>
  created_at: Millis
}

export interface PatronAddressTable {
  library_id: string
  id: string
  patron_id: string
  sealed: string
  created_at: Millis
}

/** Append-only: triggers refuse update and delete. */
export interface EventTable {
  library_id: string
  id: string
  order_id: string | null
  line_id: string | null
  kind: string
  /** When it happened, and when we learned of it. */
  at: Millis
  recorded_at: Millis
  actor: string
  source: string
  data: string
}

export interface OutboxTable {
  library_id: string
  id: string
  order_id: string | null
  line_id: string | null
  kind: string
  /** Rows of one sequence are performed one after the other, in the order of their ids. */
  sequence: string | null
  payload: string
  key: string
  /** Rows of one queue share a budget of concurrent work, so that no other queue waits for it: `ils:suzhou`. */
  queue: Generated<string>
  attempts: number
  due_at: Millis
  lease_until: Millis | null
  /** Raised at each claim: a worker whose fence is old may not settle the row. */
  fence: number
  state: 'ready' | 'done' | 'dead'
  last_problem: string | null
  created_at: Millis
}

export interface EvidenceTable {
  id: string
  library_id: string
  order_id: string
  line_id: string
  source: string
  what: string
  at: Millis
  received_at: Millis
  data: string
  state: 'applied' | 'ignored' | 'waiting'
}

export interface LeaseTable {
  name: string
  owner: string
  fence: number
  until: Millis
}

export interface IdempotencyTable {
  library_id: string
  scope: string
  key: string
  body_hash: string
  status: number
  answer: string
  at: Millis
}

/** Append-only and hash-chained within a library. */
export interface AuditTable {
  library_id: string
  seq: number
  at: Millis
  actor: string
  action: string
  subject: string
  reason: string
  data: string
  prev_hash: string
  hash: string
}

export interface AuditHeadTable {
  library_id: string
  seq: number
  hash: string
}

export interface StaffUserTable {
  library_id: string
  id: string
  /** Unique over all libraries, lower case. */
  login: string
  name: string
  role: 'librarian' | 'manager' | 'auditor' | 'administrator'
  branches: string
  password_hash: string
  created_at: Millis
  disabled_at: Millis | null
}

export interface SessionTable {
  token_hash: string
  library_id: string
  kind: 'reader' | 'staff'
  subject_id: string
  created_at: Millis
  seen_at: Millis
  expires_at: Millis
  /** The session that took this one's place; it answers a little longer for requests under way. */
  replaced_at: Millis | null
}

export interface AccessKeyTable {
  library_id: string
  id: string
  kind: 'device' | 'partner' | 'registration' | 'cabinet'
  name: string
  /** Device: the locker's id; cabinet: its line. */
  subject: string | null
  scopes: string
  secret_hash: string
  created_at: Millis
  expires_at: Millis | null
  revoked_at: Millis | null
}

export interface AttemptTable {
  /** What is tried, and a keyed hash of by whom or at what. */
  scope: string
  subject: string
  failures: number
  last_at: Millis
  locked_until: Millis
}

/** What staff do by hand in a library system without a link. */
export interface ManualTaskTable {
  library_id: string
  key: string
  /** Sealed: it names a card. */
  sealed: string
  priority: 'person' | 'work'
  asked_at: Millis
  state: 'waiting' | 'done' | 'refused'
  /** What staff confirmed, sealed. */
  done_sealed: string | null
  reason: string | null
  settled_at: Millis | null
}
