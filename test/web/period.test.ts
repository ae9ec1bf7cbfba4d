import { describe, expect, it } from 'vitest'
import { askFor, periodOf, periodsBefore } from '../../src/web/base/period.ts'

const now = '2026-03-05T01:30:00+08:00'

describe('periods of a report', () => {
  it('are days of the library, also when it is still yesterday in Greenwich', () => {
    expect(periodOf('month', '2026-03-01T01:30:00+08:00')).toEqual({ from: '2026-03-01', to: '2026-03-01' })
  })

  it('know the last day of February', () => {
    expect(periodOf('lastMonth', now)).toEqual({ from: '2026-02-01', to: '2026-02-28' })
  })

  it('reach back over the year', () => {
    expect(periodOf('quarter', now)).toEqual({ from: '2026-01-01', to: '2026-03-05' })
    expect(periodOf('lastMonth', '2026-01-09T12:00:00+08:00')).toEqual({
      from: '2025-12-01',
      to: '2025-12-31',
    })
    expect(periodOf('year', now)).toEqual({ from: '2026-01-01', to: '2026-03-05' })
  })

  it('before one are as long, oldest first, without gap or overlap', () => {
    expect(periodsBefore({ from: '2026-03-01', to: '2026-03-07' }, 2)).toEqual([
      { from: '2026-02-15', to: '2026-02-21' },
      { from: '2026-02-22', to: '2026-02-28' },
    ])
  })

  it('are asked for up to the first moment after the last day', () => {
    const query = askFor({ from: '2026-12-01', to: '2026-12-31' }, 'sucheng', '+08:00')
    expect(Object.fromEntries(query)).toEqual({
      library: 'sucheng',
      from: '2026-12-01T00:00:00+08:00',
      to: '2027-01-01T00:00:00+08:00',
    })
    expect(askFor({ from: '2026-12-01', to: '2026-12-31' }, '', '+08:00').has('library')).toBe(false)
  })
})
