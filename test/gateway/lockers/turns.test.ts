import { describe, expect, it } from 'vitest'
import { type TurnsOptions, takeTurns } from '../../../src/gateway/lockers/turns.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'

/** Boards that take some time to be looked at, and how each look went. */
const rig = (more: Partial<TurnsOptions> = {}, takes = 50) => {
  const clock = new ManualClock(0)
  const looks: string[] = []
  const counts = { now: 0, most: 0, tours: 0 }
  const urgent = new Set<number>()
  const turns = takeTurns({
    boards: [1, 2, 3, 4],
    clock,
    atOnce: 1,
    look: board =>
      new Promise(resolve => {
        counts.now += 1
        counts.most = Math.max(counts.most, counts.now)
        looks.push(`${board}@${clock.now()}`)
        clock.after(takes, () => {
          counts.now -= 1
          resolve()
        })
      }),
    pauseBefore: board => (urgent.has(board) ? 500 : 1500),
    urgent: board => urgent.has(board),
    jitter: () => 1,
    toured: () => {
      counts.tours += 1
    },
    ...more,
  })
  const of = (board: number) =>
    looks.flatMap(one => (one.startsWith(`${board}@`) ? Number(one.split('@')[1]) : []))
  return { clock, looks, of, counts, urgent, turns }
}

describe('turns at the boards of a line', () => {
  it('come one after the other, and again when each has rested', async () => {
    const { clock, looks, counts, turns } = rig()
    turns.start()
    await clock.advance(1800)
    expect(looks).toEqual(['1@0', '2@50', '3@100', '4@150', '1@1550', '2@1600', '3@1650', '4@1700'])
    expect(counts).toEqual({ now: 0, most: 1, tours: 1 })
  })

  it('come several at once where the line allows it, and no more', async () => {
    const boards = Array.from({ length: 40 }, (_, i) => i + 1)
    const { clock, looks, counts, turns } = rig({ boards, atOnce: 8 })
    turns.start()
    await clock.advance(250)
    expect(counts).toEqual({ now: 0, most: 8, tours: 1 })
    expect(looks).toHaveLength(40)
  })

  it('spread out after the first look, so that boards that began together do not come together for ever', async () => {
    let drawn = 0
    const boards = Array.from({ length: 40 }, (_, i) => i + 1)
    const { clock, looks, turns } = rig({ boards, atOnce: 40, jitter: () => (drawn++ % 40) / 40 })
    turns.start()
    await clock.advance(10_000)
    const late = looks.filter(one => Number(one.split('@')[1]) > 8000)
    expect(new Set(late.map(one => one.split('@')[1])).size).toBeGreaterThan(30)
  })

  it('come first where somebody waits, and yet every board has its turn', async () => {
    const boards = Array.from({ length: 40 }, (_, i) => i + 1)
    const { clock, of, urgent, turns } = rig({ boards })
    for (const board of [37, 38, 39, 40]) urgent.add(board)
    turns.start()
    await clock.advance(20_000)
    const between = (times: readonly number[]) => times.slice(1).map((at, i) => at - times[i]!)
    expect(Math.max(...between(of(40)))).toBeLessThan(800)
    for (let board = 1; board <= 36; board++) expect(Math.max(...between(of(board)))).toBeLessThan(4500)
  })

  it('come at once when a cabinet tells of a door, but not as often as it tells', async () => {
    const { clock, of, turns } = rig({ boards: [1] })
    turns.start()
    await clock.advance(400)
    for (let told = 0; told < 50; told++) {
      turns.within(1, 0)
      await clock.advance(10)
    }
    expect(of(1)).toEqual([0, 400, 550, 700, 850])
  })

  it('look once more when something was told while a look was under way', async () => {
    const { clock, of, turns } = rig({ boards: [1] })
    turns.start()
    await clock.advance(20)
    turns.within(1, 0)
    await clock.advance(400)
    expect(of(1)).toEqual([0, 150])
  })

  it('come sooner when somebody has come, never later', async () => {
    const { clock, of, turns } = rig({ boards: [1] })
    turns.start()
    await clock.advance(1300)
    turns.within(1, 500)
    await clock.advance(3000)
    expect(of(1).slice(0, 2)).toEqual([0, 1550])
    turns.within(1, 500)
    await clock.advance(600)
    expect(of(1)).toHaveLength(4)
  })

  it('end when the look under way is over, and begin anew', async () => {
    const { clock, looks, counts, turns } = rig()
    turns.start()
    await clock.advance(20)
    let stopped = false
    const stop = turns.stop().then(() => {
      stopped = true
    })
    await clock.advance(10)
    expect(stopped).toBe(false)
    await clock.advance(5000)
    await stop
    expect(looks).toEqual(['1@0'])
    turns.start()
    await clock.advance(400)
    expect(looks).toHaveLength(5)
    expect(counts.tours).toBe(1)
  })
})
