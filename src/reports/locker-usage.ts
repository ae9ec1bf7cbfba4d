import type { CompartmentFact, FactSource, LockerSite, Period } from './facts.ts'

/** Use of one cabinet in a period (8.1.1). Shares and rates are null when there was nothing to divide by. */
export interface LockerUsage {
  readonly lockerId: string
  readonly name: { readonly zh: string; readonly en: string }
  readonly deposits: number
  readonly collections: number
  readonly returns: number
  readonly expired: number
  readonly failedOpenings: number
  /** Occupied compartment-seconds / available ones; out-of-service time is in neither. */
  readonly occupancy: number | null
  /** Deposits and returns for each available compartment and day. */
  readonly turnover: number | null
  /** Deposits, collections and returns by local hour. */
  readonly byHour: readonly number[]
}

type Now = 'occupied' | 'out-of-service' | 'free'

const next: Partial<Record<CompartmentFact['kind'], Now>> = {
  deposited: 'occupied',
  returned: 'occupied',
  collected: 'free',
  emptied: 'free',
  'out-of-service': 'out-of-service',
  'in-service': 'free',
}

/** Streams the facts of one cabinet once; memory is that of its compartments. */
export const lockerUsage = async (
  site: LockerSite,
  period: Period,
  source: FactSource,
  hourOf: (at: number) => number,
): Promise<LockerUsage> => {
  const before = await source.compartmentStateAt(site.lockerId, period.from)
  const state = new Map(
    site.compartments.map(({ id, since }) => [
      id,
      { now: before.get(id) ?? ('free' as Now), since: Math.max(since, period.from) },
    ]),
  )
  const counts = { deposited: 0, collected: 0, returned: 0, expired: 0, 'failed-opening': 0 }
  const byHour = new Array<number>(24).fill(0)
  let occupied = 0
  let available = 0
  const close = (of: { now: Now; since: number }, at: number): void => {
    const seconds = Math.max(0, at - of.since) / 1000
    if (of.now === 'occupied') occupied += seconds
    if (of.now !== 'out-of-service') available += seconds
  }
  for await (const fact of source.compartments({ ...period, lockerId: site.lockerId })) {
    if (fact.kind in counts) counts[fact.kind as keyof typeof counts] += 1
    if (fact.kind === 'deposited' || fact.kind === 'collected' || fact.kind === 'returned')
      byHour[hourOf(fact.at)]! += 1
    const of = state.get(fact.compartmentId)
    const now = next[fact.kind]
    if (!of || !now) continue
    close(of, fact.at)
    state.set(fact.compartmentId, { now, since: Math.max(fact.at, of.since) })
  }
  for (const of of state.values()) close(of, period.to)
  const uses = counts.deposited + counts.returned
  return {
    lockerId: site.lockerId,
    name: site.name,
    deposits: counts.deposited,
    collections: counts.collected,
    returns: counts.returned,
    expired: counts.expired,
    failedOpenings: counts['failed-opening'],
    occupancy: available > 0 ? occupied / available : null,
    turnover: available > 0 ? uses / (available / 86_400) : null,
    byHour,
  }
}
