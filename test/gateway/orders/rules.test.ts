import fc from 'fast-check'
import { expect, it } from 'vitest'
import { doings, play } from './rules.ts'

it.each(['pack', 'collect'] as const)(
  'whatever happens: one item, one line, one reader; money, quota and compartments conserved; each act on the ILS once (charged at %s)',
  { timeout: 120_000 },
  async chargeAt => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(doings, async story => {
        for (const outcome of await play(story, chargeAt)) seen.add(outcome)
      }),
      { numRuns: 8 },
    )
    expect(seen).toContain('returned')
  },
)
