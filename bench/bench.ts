/** One measured comparison: two things side by side in one run. `ratio` is ours / the reference's rate. */
export interface Bench {
  readonly id: string
  readonly title: string
  readonly goal: string
  run(): Promise<BenchResult>
}

export interface BenchResult {
  readonly ratio: number
  readonly met: boolean
  readonly detail: Readonly<Record<string, string | number>>
}

/** Milliseconds that `work` takes, after one warm-up run of it. */
export const timed = async (work: () => unknown): Promise<number> => {
  await work()
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1e6
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Runs ours and the reference in turn, `rounds` times, and gives the medians: what disturbs one disturbs both. */
export const sideBySide = async (
  rounds: number,
  ours: () => unknown,
  reference: () => unknown,
): Promise<{ ours: number; reference: number }> => {
  const taken = { ours: [] as number[], reference: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    taken.ours.push(await timed(ours))
    taken.reference.push(await timed(reference))
  }
  return { ours: median(taken.ours), reference: median(taken.reference) }
}
