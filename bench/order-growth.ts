import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, median } from './bench.ts'
import { lives, open } from './order-life.ts'

/** Orders that have been through their whole life when it is measured; each is ten times the one before. */
const sizes = [1000, 10_000]
const load = { together: 100, batches: 1 }
const rounds = 7

const costs = async (town: Awaited<ReturnType<typeof open>>): Promise<{ wall: number; cpu: number }> => {
  const wall: number[] = []
  const cpu: number[] = []
  for (let round = 0; round < rounds; round++) {
    const used = process.cpuUsage()
    const start = process.hrtime.bigint()
    const done = await lives(town, load)
    wall.push(Number(process.hrtime.bigint() - start) / 1e6 / done)
    const { user, system } = process.cpuUsage(used)
    cpu.push((user + system) / 1000 / done)
  }
  return { wall: median(wall), cpu: median(cpu) }
}

/** B10, the part of B3: what one life costs when ten times as many orders are in the database. */
export const bench: Bench = {
  id: 'B10',
  title: 'growth: full life of an order after ten times as many orders',
  goal: 'cost per operation at most 1.5 x per 10 x data',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shuqiao-growth-'))
    try {
      const town = await open(folder, 'town')
      const detail: Record<string, string> = {}
      const cpu: number[] = []
      for (const size of sizes) {
        while (town.next < size) await lives(town, load)
        const cost = await costs(town)
        cpu.push(cost.cpu)
        detail[`after ${size} orders, CPU ms a life`] = cost.cpu.toFixed(2)
        detail[`after ${size} orders, ms a life`] = cost.wall.toFixed(2)
      }
      await town.store.close()
      const [small = 0, large = 0] = cpu
      return { ratio: large / small, met: large <= 1.5 * small, detail }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
