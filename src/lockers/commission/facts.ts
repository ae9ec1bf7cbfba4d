import { z } from 'zod'
import type { LockerMake } from '../make.ts'

/** A setting of a board with two possible values of which the wire tells neither: how its contact is wired. */
export interface Switch {
  readonly key: string
  readonly values: readonly [string, string]
}

/** What the settings of a make say of its boards: the addresses and channel counts there can be. */
export interface BoardFacts {
  readonly addresses: { readonly from: number; readonly to: number }
  /** Channels of a board at most. */
  readonly channels: number
  /** Boards on one line at most. */
  readonly most: number
  readonly switches: readonly Switch[]
}

const shape = z.object({
  properties: z.object({
    boards: z.object({
      maxItems: z.int().positive().default(32),
      items: z.object({
        properties: z
          .object({
            address: z.object({ minimum: z.int(), maximum: z.int() }),
            channels: z.object({ maximum: z.int() }),
          })
          .catchall(z.unknown()),
      }),
    }),
  }),
})
const choice = z.object({
  enum: z.tuple([z.string(), z.string()]),
  default: z.string().optional(),
})

/** Undefined for makes that are no boards on a line: brokers and clouds know their cabinets themselves. */
export const boardFacts = (make: Pick<LockerMake, 'settings'>): BoardFacts | undefined => {
  const read = shape.safeParse(z.toJSONSchema(make.settings, { io: 'input', unrepresentable: 'any' }))
  if (!read.success) return undefined
  const { maxItems: most, items } = read.data.properties.boards
  const { address, channels, ...more } = items.properties
  const switches = Object.entries(more).flatMap(([key, raw]): Switch[] => {
    const found = choice.safeParse(raw)
    if (!found.success) return []
    const [one, other] = found.data.enum
    return [{ key, values: found.data.default === other ? [other, one] : [one, other] }]
  })
  return {
    addresses: { from: address.minimum, to: address.maximum },
    channels: channels.maximum,
    most,
    switches,
  }
}
