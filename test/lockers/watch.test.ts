import { describe, expect, it } from 'vitest'
import {
  defaultWatchRules,
  doorNow,
  type Happening,
  isFresh,
  observe,
  silentSince,
  startWatch,
  type Watch,
} from '../../src/lockers/watch.ts'

type Look = 'open' | 'closed' | 'missed'
const door = { board: 1, channel: 5 }

/** One look every 500 ms from instant 1000 on. */
const watchThrough = (looks: readonly Look[], known: 'open' | 'closed' | 'unknown' = 'closed') => {
  let watch: Watch = startWatch([{ ...door, door: known, since: 0 }])
  const happenings: Happening[] = []
  looks.forEach((look, i) => {
    const at = 1000 + i * 500
    const next = observe(
      watch,
      look === 'missed'
        ? { board: 1, at, missed: true }
        : { board: 1, at, readings: [{ ...door, door: look }] },
      defaultWatchRules,
    )
    watch = next.watch
    happenings.push(...next.happenings)
  })
  return { watch, happenings, told: happenings.map(one => `${one.kind} ${one.at}`) }
}

describe('the watch over the doors of a line', () => {
  it('says nothing while nothing moves', () => {
    expect(watchThrough(['closed', 'closed', 'closed']).told).toEqual([])
  })

  it('tells an opening at once, and a closing when two looks agree, with the time of the first', () => {
    expect(watchThrough(['closed', 'open', 'open', 'closed', 'closed']).told).toEqual([
      'opened 1500',
      'closed 2500',
    ])
  })

  it('does not call a door closed that was pushed too softly and sprang open again', () => {
    expect(watchThrough(['closed', 'open', 'closed', 'open', 'closed', 'closed']).told).toEqual([
      'opened 1500',
      'closed 3000',
    ])
  })

  it('does not call a door closed because it was looked at twice in one moment', () => {
    let { watch } = watchThrough(['closed', 'open'])
    const told: string[] = []
    for (const at of [2000, 2060, 2120, 2399, 2400]) {
      const readings = [{ ...door, door: 'closed' as const }]
      const next = observe(watch, { board: 1, at, readings }, defaultWatchRules)
      watch = next.watch
      told.push(...next.happenings.map(one => `${one.kind} ${one.at} at ${at}`))
    }
    expect(told).toEqual(['closed 2000 at 2400'])
  })

  it('does not know a door whose closing is not certain yet', () => {
    expect(doorNow(watchThrough(['closed', 'open', 'closed']).watch, door)).toEqual({ door: 'unknown' })
    expect(doorNow(watchThrough(['closed', 'open', 'closed', 'closed']).watch, door)).toEqual({
      door: 'closed',
    })
  })

  it('knows nothing of a board before the first look and after a missed one', () => {
    const start = startWatch([{ ...door, door: 'closed', since: 0 }])
    expect([isFresh(start, 1), doorNow(start, door).door]).toEqual([false, 'unknown'])
    expect(isFresh(watchThrough(['closed']).watch, 1)).toBe(true)
    const missed = watchThrough(['closed', 'missed']).watch
    expect([isFresh(missed, 1), doorNow(missed, door).door, silentSince(missed, 1)]).toEqual([
      false,
      'unknown',
      null,
    ])
  })

  it('calls a board silent at the third missed look, once, and back at the first that succeeds', () => {
    const { told, watch } = watchThrough(['closed', 'missed', 'missed', 'missed', 'missed'])
    expect(told).toEqual(['board-silent 2500'])
    expect(silentSince(watch, 1)).toBe(2500)
    expect(watchThrough(['closed', 'missed', 'missed', 'closed']).told).toEqual([])
    expect(watchThrough(['missed', 'missed', 'missed', 'closed']).told).toEqual([
      'board-silent 2000',
      'board-back 2500',
    ])
  })

  it('marks what moved while nobody looked', () => {
    const opened = watchThrough(['closed', 'missed', 'missed', 'missed', 'open']).happenings
    expect(opened.at(-1)).toEqual({ kind: 'opened', door, at: 3000, was: 'closed', unseen: true })
    const closed = watchThrough(['closed', 'open', 'missed', 'closed', 'closed']).happenings
    expect(closed.at(-1)).toEqual({ kind: 'closed', door, at: 2500, was: 'open', unseen: true })
    expect(watchThrough(['open'], 'closed').happenings[0]).toMatchObject({ unseen: true, was: 'closed' })
  })

  it('takes the doors of a new locker as they are', () => {
    expect(watchThrough(['closed'], 'unknown').told).toEqual([])
    expect(watchThrough(['open'], 'unknown').happenings[0]).toMatchObject({ kind: 'opened', was: 'unknown' })
  })

  it('tells once that a door stands open too long', () => {
    const looks = Array.from({ length: 400 }, (): Look => 'open')
    const { happenings } = watchThrough(['closed', ...looks])
    expect(happenings.map(one => one.kind)).toEqual(['opened', 'open-too-long'])
    expect(happenings[1]).toMatchObject({ since: 1500, at: 1500 + defaultWatchRules.openTooLong })
  })

  it('hands on what an item sensor says', () => {
    const next = observe(
      startWatch([{ ...door, door: 'closed', since: 0 }]),
      { board: 1, at: 1, readings: [{ ...door, door: 'closed', occupied: true }] },
      defaultWatchRules,
    )
    expect(doorNow(next.watch, door)).toEqual({ door: 'closed', occupied: true })
  })
})
