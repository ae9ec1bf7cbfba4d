import { createRoute, z } from '@hono/zod-openapi'
import type { IlsHealth } from '../../../adapters/ils/ils.ts'
import type { Millis } from '../../../kernel/clock.ts'
import { ProblemError, refused, type Words } from '../../../kernel/problem.ts'
import type { WorkingTime } from '../../../kernel/working-time.ts'
import { classCounts } from '../../catalogue/browse.ts'
import type { Knowledge } from '../../catalogue/knowledge.ts'
import { recordPromise } from '../../catalogue/promise.ts'
import { searchFields } from '../../catalogue/query.ts'
import { getFreshRecord, type ItemStatusPort, type WorkRecord } from '../../catalogue/record.ts'
import { searchRecords } from '../../catalogue/search.ts'
import { shelves } from '../../catalogue/shelves.ts'
import type { LibraryPolicy } from '../../credit/accounts.ts'
import { rulesOf } from '../../credit/rules-page.ts'
import type { Tariff } from '../../fees/tariff.ts'
import type { Branch, Library, LockerPlace } from '../../libraries.ts'
import type { Lockers } from '../../lockers/lockers.ts'
import { claimedAmong } from '../../store/claims.ts'
import {
  type BranchJson,
  clcClass,
  type LibraryJson,
  type LockerJson,
  type RecordJson,
  record,
  recordPage,
  rules,
  shelf,
  town,
} from '../api/open.ts'
import type { Deps, Routes } from '../deps.ts'
import { json, refusals } from './shape.ts'

/** Something everybody should know; shown while it holds. */
export interface OpenNotice {
  readonly id: string
  readonly title: Words
  readonly body: Words
  readonly from: Millis
  readonly libraryId: string
}

export interface OpenDeps extends Deps {
  readonly lockers: Pick<Lockers, 'summary'>
  /** Asks the library systems about copies (`bindings/item-status.ts`). */
  readonly itemStatus: ItemStatusPort
  readonly knowledge: Pick<Knowledge, 'note'>
  readonly policyOf: (libraryId: string) => LibraryPolicy
  /** Throws for an unknown name. */
  readonly tariffOf: (name: string) => Tariff
  /** Announcements that hold now; none where it is left out. */
  readonly notices?: (now: Millis) => Promise<readonly OpenNotice[]>
}

const id = z.string().min(1).max(64)

const theTown = createRoute({
  method: 'get',
  path: '/api/town',
  tags: ['open'],
  summary: 'Libraries, branches and lockers, with what is open and what answers now',
  responses: { 200: json(town, 'the town'), ...refusals },
})
const theRules = createRoute({
  method: 'get',
  path: '/api/rules/{libraryId}',
  tags: ['open'],
  summary: 'Thresholds, tiers, points and fees of a library, before any log-in',
  request: { params: z.object({ libraryId: id }) },
  responses: { 200: json(rules, 'the rules'), ...refusals },
})
const search = createRoute({
  method: 'get',
  path: '/api/records',
  tags: ['catalogue'],
  summary: 'Search the union catalogue',
  request: {
    query: z.object({
      q: z.string().max(200).default(''),
      field: z.enum(searchFields).default('any'),
      library: id.optional(),
      clc: z.string().min(1).max(20).optional(),
      available: z.enum(['0', '1']).default('0'),
      sort: z.enum(['relevance', 'new']).default('relevance'),
      cursor: z.string().max(100).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
    }),
  },
  responses: { 200: json(recordPage, 'a page of records'), ...refusals },
})
const one = createRoute({
  method: 'get',
  path: '/api/records/{id}',
  tags: ['catalogue'],
  summary: 'A record with its copies, as the library systems see them at this moment',
  description: '`library`: promise places of this library only.',
  request: {
    params: z.object({ id: z.string().min(1).max(64) }),
    query: z.object({ library: id.optional() }),
  },
  responses: { 200: json(record, 'the record'), ...refusals },
})
const classes = createRoute({
  method: 'get',
  path: '/api/clc',
  tags: ['catalogue'],
  summary: 'Classes of the Chinese Library Classification, with the number of records in each',
  request: { query: z.object({ library: id.optional(), parent: z.string().max(20).optional() }) },
  responses: { 200: json(z.array(clcClass), 'the main classes, or the divisions of `parent`'), ...refusals },
})
const rows = createRoute({
  method: 'get',
  path: '/api/shelves',
  tags: ['catalogue'],
  summary: 'New books, and those borrowed most',
  responses: { 200: json(z.array(shelf), 'the shelves'), ...refusals },
})

const unknownRecord = refused('unknown-record', {
  zh: '目录里没有这本书。',
  en: 'This book is not in the catalogue.',
})

/** What everyone may see without logging in. */
export const openRoutes =
  (deps: OpenDeps): Routes =>
  app => {
    const { store, clock, libraries } = deps
    app.openapi(theTown, async c => {
      const now = clock.now()
      const notices = (await deps.notices?.(now)) ?? []
      return c.json(
        {
          libraries: await Promise.all(libraries.all().map(library => libraryJson(deps, library, now))),
          now: libraries.time(libraries.all()[0]!.id, now),
          notices: notices.map(({ libraryId, from, ...notice }) => ({
            ...notice,
            from: libraries.time(libraryId, from),
          })),
          demo: deps.demo,
        },
        200,
      )
    })
    app.openapi(theRules, c => {
      const { id: libraryId, tariff, policy } = libraries.get(c.req.valid('param').libraryId)
      const { itemsPerParcel, openRequests, pickupDays } = policy
      const question = {
        libraryId,
        policy: deps.policyOf(libraryId),
        tariff: deps.tariffOf(tariff),
        limits: { itemsPerParcel, openRequests, pickupDays },
      }
      return c.json(rulesOf(question, clock.now()), 200)
    })
    app.openapi(search, async c => {
      const { available, library, clc, cursor, ...query } = c.req.valid('query')
      const narrowed = {
        ...query,
        ...(library === undefined ? {} : { library }),
        ...(clc === undefined ? {} : { clc }),
        ...(cursor === undefined ? {} : { cursor }),
        available: available === '1',
      }
      return c.json(await searchRecords(store.db, narrowed), 200)
    })
    app.openapi(one, async c => {
      const { library } = c.req.valid('query')
      if (library !== undefined) libraries.get(library)
      return c.json(await recordJson(deps, c.req.valid('param').id, library), 200)
    })
    app.openapi(classes, async c => {
      const { library, parent } = c.req.valid('query')
      const found = await classCounts(store.db, {
        ...(library === undefined ? {} : { library }),
        ...(parent === undefined ? {} : { parent }),
      })
      return c.json(found, 200)
    })
    app.openapi(rows, async c => c.json(await shelves(store.db, { now: clock.now() }), 200))
  }

/** The record as the library systems see it now; what they said is kept, and what open orders hold is not free. */
const recordJson = async (
  deps: OpenDeps,
  workId: string,
  library: string | undefined,
): Promise<RecordJson> => {
  const { store, clock, libraries, knowledge } = deps
  const fresh = await getFreshRecord(store.db, workId, deps.itemStatus)
  if (!fresh) throw new ProblemError(unknownRecord)
  knowledge.note(fresh.learned)
  const holdings = await withoutClaimed(deps, fresh.record.holdings)
  const promise = recordPromise({ holdings }, libraries, clock.now(), library)
  return {
    ...fresh.record,
    free: holdings.filter(({ status }) => status === 'free' || status === 'unknown').length,
    holdings: holdings.map(one => ({
      ...one,
      dueAt: one.dueAt === null ? null : libraries.time(one.libraryId, Date.parse(one.dueAt)),
    })),
    promise,
  }
}

type Holdings = WorkRecord['holdings']

const withoutClaimed = async ({ store, clock }: OpenDeps, holdings: Holdings): Promise<Holdings> => {
  const marked: Holdings = []
  for (const [libraryId, own] of Map.groupBy(holdings, one => one.libraryId)) {
    const barcodes = own.map(one => one.barcode)
    const claimed = await claimedAmong(store.db, libraryId, barcodes, clock.now())
    for (const one of own) {
      const free = one.status === 'free' || one.status === 'unknown'
      marked.push(free && claimed.has(one.barcode) ? { ...one, status: 'reserved' } : one)
    }
  }
  return marked
}

const libraryJson = async (deps: OpenDeps, library: Library, now: Millis): Promise<LibraryJson> => ({
  id: library.id,
  name: library.name,
  phone: library.phone,
  branches: library.branches.map(branch => branchJson(branch, now)),
  lockers: await Promise.all(library.lockers.map(locker => lockerJson(deps, locker))),
  ils: stateForPeople[deps.ils(library.id).health().state],
})

/** One that nobody has asked yet has not failed anybody. */
const stateForPeople: Readonly<Record<IlsHealth['state'], LibraryJson['ils']>> = {
  up: 'up',
  degraded: 'degraded',
  down: 'down',
  'closed-hours': 'closed-hours',
  'not-started': 'up',
}

const branchJson = (branch: Branch, now: Millis): BranchJson => ({
  id: branch.id,
  libraryId: branch.libraryId,
  name: branch.name,
  address: branch.address,
  hours: branch.hoursText,
  openNow: isOpen(branch.hours, now),
  ...pointOf(branch),
})

const lockerJson = async (deps: OpenDeps, locker: LockerPlace): Promise<LockerJson> => {
  const { online, forDelivery } = await deps.lockers.summary(locker.id)
  return {
    id: locker.id,
    libraryId: locker.libraryId,
    name: locker.name,
    place: locker.place,
    hours: locker.hoursText,
    online,
    freeCompartments: forDelivery,
    ...pointOf(locker),
  }
}

const pointOf = ({ lat, lng }: { lat?: number | undefined; lng?: number | undefined }) =>
  lat === undefined || lng === undefined ? {} : { lat, lng }

/** A year whose holidays are not known yet must not keep the page from showing. */
const isOpen = (hours: WorkingTime, now: Millis): boolean => {
  try {
    return hours.isOpen(now)
  } catch (error) {
    if (error instanceof ProblemError) return false
    throw error
  }
}
