import { expect, it } from 'vitest'
import { watchLinks } from '../../../src/gateway/ils-queue/watch.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { ModelIls } from '../orders/model-ils.ts'

const begin = () => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const told: number[] = []
  const ils = new ModelIls('ils:suzhou', clock)
  const watch = watchLinks(
    clock,
    { all: () => [{ id: 'suzhou' } as never] },
    () => ils,
    () => told.push(clock.now()),
  )
  return { clock, told, ils, watch, begun: clock.now() }
}

it('pages hear of a library system that goes and comes, and of nothing else', async () => {
  const { clock, told, ils, watch } = begin()
  watch.start()
  await clock.advance(60_000)
  expect(told).toHaveLength(0)
  ils.luck = () => 'away'
  await clock.advance(60_000)
  expect(told).toHaveLength(1)
  ils.luck = () => 'fine'
  await clock.advance(60_000)
  expect(told).toHaveLength(2)
  watch.stop()
  ils.luck = () => 'away'
  await clock.advance(60_000)
  expect(told).toHaveLength(2)
})

it('pages hear a moment after a change, the last one too, and not of each of a thousand', async () => {
  const { clock, told, watch, begun } = begin()
  watch.changed('suzhou')
  expect(told).toEqual([])
  await clock.advance(300)
  expect(told).toEqual([begun + 300])
  for (let i = 0; i < 1000; i++) {
    watch.changed('suzhou')
    await clock.advance(10)
  }
  const before = told.length
  expect(before).toBeLessThanOrEqual(6)
  watch.changed('suzhou')
  await clock.advance(5000)
  expect(told.length).toBe(before + 1)
  watch.stop()
})
