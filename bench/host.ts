import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** What a virtual machine says of the CPU its host gave to others; seconds since it started, 0 where it says nothing. */
const takenByHost = (): number => {
  try {
    return Number(readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/)[8]) / 100
  } catch {
    return 0
  }
}

/** What was measured while the host took more than this share of the CPU says as much of the host as of us. */
export const mostTaken = 0.02

export interface Beside<T> {
  readonly value: T
  /** Share of all cores' time, 0 to 1, and in seconds. */
  readonly taken: number
  readonly seconds: number
}

/** Does it, and tells what the host took meanwhile. */
export const besideHost = async <T>(act: () => Promise<T>): Promise<Beside<T>> => {
  const [before, begun] = [takenByHost(), performance.now()]
  const value = await act()
  const seconds = takenByHost() - before
  return { value, seconds, taken: seconds / (((performance.now() - begun) / 1000) * cpus().length) }
}

/** Does it again, at most `tries` times in all, until `enough` of them are undisturbed; the least disturbed ones. */
export const leastDisturbed = async <T>(
  enough: number,
  tries: number,
  act: () => Promise<T>,
): Promise<{ readonly best: readonly Beside<T>[]; readonly leftOut: number }> => {
  const done: Beside<T>[] = []
  while (done.length < tries && done.filter(one => one.taken <= mostTaken).length < enough)
    done.push(await besideHost(act))
  return {
    best: done.toSorted((a, b) => a.taken - b.taken).slice(0, enough),
    leftOut: done.length - enough,
  }
}
