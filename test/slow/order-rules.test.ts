import fc from 'fast-check'
import { expect, it } from 'vitest'
import { doings, play } from '../gateway/orders/rules.ts'

it.each(['pack', 'collect'] as const)(
  'a hundred random stories of orders keep the rules and leave nothing over (charged at %s)',
  { timeout: 900_000 },
  async chargeAt => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(doings, async story => {
        for (const outcome of await play(story, chargeAt)) seen.add(outcome)
      }),
      { numRuns: 100, endOnFailure: true },
    )
    if (process.env.FC_SEED !== undefined) return
    // Stories that all end the same way would prove little.
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'returned',
        'not_supplied',
        'cancelled_by_reader',
        'cancelled_by_staff',
        'transferred',
      ]),
    )
  },
)
