import { expect, it } from 'vitest'
import { parseBeijing, toBeijing } from '../../src/kernel/beijing-time.ts'

it('writes an instant as Beijing wall time and reads it back', () => {
  const at = Date.parse('2026-01-01T19:04:05Z')
  expect(toBeijing(at)).toBe('2026-01-02 03:04:05')
  expect(parseBeijing('2026-01-02 03:04:05')).toBe(at)
})

it('reads nothing from dates that do not exist or are written otherwise', () => {
  for (const text of [
    '2026-02-30 00:00:00',
    '2026-1-2 3:4:5',
    '2026-01-02T03:04:05',
    '2026-01-02 25:00:00',
    '',
  ])
    expect(parseBeijing(text)).toBeUndefined()
})
