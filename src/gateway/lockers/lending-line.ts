import type { Millis } from '../../kernel/clock.ts'
import { can } from '../../kernel/power.ts'
import { type Answer, no, yes } from '../../kernel/problem.ts'
import type { LockerDriver } from '../../lockers/locker.ts'
import type { Tx } from '../store/db.ts'
import { openVisits } from '../store/door-visits.ts'
import { holdsLease, type LeaseKeeper, takeLease } from '../store/leases.ts'
import { lineLease } from '../store/locker-lines.ts'
import { leaseOwner } from '../store/locker-setup.ts'
import type { Inside } from './inside.ts'
import type { LentOut } from './kept-line.ts'
import { setupOfProcess, unknownLine, visitsRunning } from './setup-words.ts'

/** A line in the hands of whoever sets it up: nobody else asks on it, and no door of it opens for anybody else. */
export interface LentLine {
  /** Still surely ours: asked now and then. */
  held(): boolean
  /** Still ours, in the transaction that writes down what is done on it. */
  stillOurs(tx: Tx): Promise<boolean>
  /** Gives it back: the driver is made anew, and every door is read before anything opens. Once. */
  back(): Promise<void>
}

/** Extra power of a driver, as `lendable` gives it. */
interface Lends {
  lend(): Promise<() => void>
}

/** Held by the process in which a set-up runs: one at a time over all of them. */
const setupLease = 'locker-setup'
const readAgain: Millis = 3000

/** The process in which a set-up runs, where it is another than this one. */
export const setupProcess = async ({ options }: Inside): Promise<string | undefined> => {
  if (!options.lease) return undefined
  const owner = await leaseOwner(options.store.db, setupLease, options.clock.now())
  return owner === options.lease.owner ? undefined : owner
}

/**
 * Takes a line from its supervision, or makes sure that nobody else takes one that is not supervised. Refused while
 * somebody is at one of its doors, and where another process has the line, which is named.
 */
export const lendLine = async (inside: Inside, name: string): Promise<Answer<LentLine>> => {
  const { options, log } = inside
  const { store, clock, lease } = options
  const kept = inside.kept(name)
  const here = inside.stations().filter(one => one.site.line === name)
  const driver = options.lines.get(name)
  if (driver && !can(driver, 'lend')) return no(unknownLine)

  const busyDoors = async (): Promise<readonly string[]> => {
    const visits = await Promise.all(
      here.map(async ({ key, site }) =>
        (await openVisits(store.db, key)).map(
          visit =>
            site.compartments.find(one => one.id === visit.compartmentId)?.label ?? visit.compartmentId,
        ),
      ),
    )
    return visits.flat()
  }
  const running = await busyDoors()
  if (running.length > 0) return no(visitsRunning(running))

  const leases: LeaseKeeper[] = []
  const endAll = async (): Promise<void> => {
    for (const one of leases.splice(0).reverse())
      await one
        .close()
        .catch(error => log.warn({ line: name, problem: String(error) }, 'a lease runs out by itself'))
  }
  /** Undefined: ours. Otherwise the process that has it. */
  const take = async (of: string): Promise<string | undefined> => {
    if (!lease) return undefined
    const { owner, duration } = lease
    const keeper = await takeLease({ store, clock, name: of, owner, duration, log })
    if (!keeper) return (await leaseOwner(store.db, of, clock.now())) ?? '?'
    leases.push(keeper)
    return undefined
  }
  let lent: LentOut | undefined
  let driverBack: (() => void) | undefined
  let over = false
  const changed = (): void => {
    for (const { site } of here) options.changed?.(site.id)
  }
  const back = async (): Promise<void> => {
    if (over) return
    over = true
    driverBack?.()
    await lent?.back()
    await endAll()
    changed()
    // By then every board has been read, or has missed its look.
    clock.after(readAgain, changed)
  }
  try {
    // One set-up at a time over all processes: its state lives in one of them.
    const elsewhere = (await take(setupLease)) ?? (kept ? undefined : await take(lineLease(name)))
    if (elsewhere !== undefined) {
      await endAll()
      return no(setupOfProcess(elsewhere))
    }
    lent = await kept?.lend()
    if (kept && !lent) {
      const owner = await leaseOwner(store.db, lineLease(name), clock.now())
      await endAll()
      return no(setupOfProcess(owner ?? '?'))
    }
    driverBack = driver && (await (driver as LockerDriver & Lends).lend())
    changed()
    const came = await busyDoors()
    if (came.length === 0) return yes({ held: () => heldAll(), stillOurs, back })
    await back()
    return no(visitsRunning(came))
  } catch (error) {
    await back()
    throw error
  }

  function heldAll(): boolean {
    return !over && (lent?.held() ?? true) && leases.every(one => one.held() !== undefined)
  }
  async function stillOurs(tx: Tx): Promise<boolean> {
    if (!heldAll()) return false
    const all = [...leases.map(one => one.held()), ...(lease && lent ? [lent.lease()] : [])]
    for (const one of all) if (!one || !(await holdsLease(tx, one, clock.now()))) return false
    return true
  }
}
