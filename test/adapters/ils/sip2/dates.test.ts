import { describe, expect, it } from 'vitest'
import {
  parseDueDate,
  parseSipDate,
  sipDate,
  usualDueDates,
} from '../../../../src/adapters/ils/sip2/dates.ts'

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds
const shanghai = 'Asia/Shanghai'

describe('dates of the protocol', () => {
  it('are written in the local time of the library system, whatever the zone of the machine', () => {
    expect(sipDate(at('2026-11-22T01:30:05Z'), shanghai)).toBe('20261122    093005')
    expect(sipDate(at('2026-11-22T01:30:05Z'), shanghai, '0000')).toBe('202611220000093005')
    expect(sipDate(at('2026-11-22T01:30:05Z'), shanghai, 'letter')).toBe('20261122   H093005')
    expect(sipDate(at('2026-11-22T01:30:05Z'), shanghai, 'utc')).toBe('20261122   Z013005')
    expect(sipDate(at('2026-11-22T01:30:05Z'), 'America/Halifax', 'letter')).toBe('20261121   Q213005')
    expect(sipDate(at('2026-11-22T01:30:05Z'), 'Asia/Kolkata', 'letter')).toBe('20261122   Z013005')
    expect(sipDate(at('2026-11-22T01:30:05Z'), 'America/Halifax')).toBe('20261121    213005')
  })

  it.each([
    ['20261122    093005', '2026-11-22T01:30:05Z'],
    ['202611220000093005', '2026-11-22T01:30:05Z'],
    ['20261122   Z013005', '2026-11-22T01:30:05Z'],
    ['20261122   H093005', '2026-11-22T01:30:05Z'],
    ['20261121   Q213005', '2026-11-22T01:30:05Z'],
    ['20261122   M133005', '2026-11-22T01:30:05Z'],
    ['20261122   J093005', '2026-11-22T01:30:05Z'],
    ['20261122EST 093005', '2026-11-22T01:30:05Z'],
  ])('%s is %s', (text, instant) => {
    expect(parseSipDate(text, shanghai)).toBe(at(instant))
  })

  it.each([
    ' '.repeat(18),
    '0'.repeat(18),
    '',
    '20261322    093000',
    '20260230    093000',
    '20261122    246000',
    'YYYYMMDDZZZZHHMMSS',
    '20261122 093000',
  ])('%j is no date', text => {
    expect(parseSipDate(text, shanghai)).toBeUndefined()
  })
})

describe('due dates', () => {
  it.each([
    ['20261205    220547', '2026-12-05T14:05:47Z'],
    ['2011-10-28 23:59:59', '2011-10-28T15:59:59Z'],
    ['2017-10-28', '2017-10-28T15:59:59Z'],
    ['2026-12-05 22:05', '2026-12-05T14:05:00Z'],
    ['2023-08-31 23:59:00 CEST', '2023-08-31T15:59:00Z'],
    ['2010-06-30T23:59:59-0400', '2010-07-01T03:59:59Z'],
    ['2010-06-30T23:59:59+05:30', '2010-06-30T18:29:59Z'],
    ['2010-06-30T23:59:59Z', '2010-06-30T23:59:59Z'],
    ['2026年1月5日', '2026-01-05T15:59:59Z'],
    [' 20261205 ', '2026-12-05T15:59:59Z'],
  ])('%s is %s without any setting', (text, instant) => {
    expect(parseDueDate(text, usualDueDates, shanghai)).toBe(at(instant))
  })

  it.each(['5/23/2008,23:59', '12/31/1969', '31/12/2026', '', 'tomorrow', '2026-02-30'])(
    '%j is not guessed at',
    text => {
      expect(parseDueDate(text, usualDueDates, shanghai)).toBeUndefined()
    },
  )

  it('are read in the order of day and month that the settings name', () => {
    expect(parseDueDate('5/23/2008,23:59', ['M/D/YYYY,HH:mm'], 'America/New_York')).toBe(
      at('2008-05-24T03:59:00Z'),
    )
    expect(parseDueDate('03/04/2026', ['M/D/YYYY'], shanghai)).toBe(at('2026-03-04T15:59:59Z'))
    expect(parseDueDate('03/04/2026', ['D/M/YYYY'], shanghai)).toBe(at('2026-04-03T15:59:59Z'))
    expect(parseDueDate('13/04/2026', ['M/D/YYYY', 'D/M/YYYY'], shanghai)).toBe(at('2026-04-13T15:59:59Z'))
  })
})
