import { z } from 'zod'
import type { LockerMake } from '../make.ts'
import type { BoardFacts } from './facts.ts'

/** One setting that a person can fill in. `describe` is the schema's own sentence, in English. */
export interface Field {
  readonly key: string
  readonly kind: 'number' | 'yes-no' | 'choice' | 'text'
  readonly describe: string
  readonly required: boolean
  readonly usual?: string | number | boolean
  readonly values?: readonly string[]
  readonly from?: number
  readonly to?: number
}

/** The form of a make: what differs from line to line, and what all boards of a line have alike. */
export interface LineForm {
  readonly line: readonly Field[]
  readonly everyBoard: readonly Field[]
}

const property = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  description: z.string().default(''),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
})
const object = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
})

/** Settings that are no plain value are left to the settings file. */
const fieldsOf = (schema: unknown, not: ReadonlySet<string>): readonly Field[] => {
  const { properties, required } = object.parse(schema)
  return Object.entries(properties).flatMap(([key, raw]): Field[] => {
    const read = property.safeParse(raw)
    if (not.has(key) || !read.success) return []
    const { type, enum: values, description: describe, default: usual, minimum, maximum } = read.data
    const kind = values
      ? 'choice'
      : type === 'boolean'
        ? 'yes-no'
        : type === 'integer' || type === 'number'
          ? 'number'
          : type === 'string'
            ? 'text'
            : undefined
    if (!kind) return []
    return [
      {
        key,
        kind,
        describe,
        required: required.includes(key) && usual === undefined,
        ...(usual === undefined ? {} : { usual }),
        ...(values ? { values } : {}),
        ...(minimum === undefined ? {} : { from: minimum }),
        ...(maximum === undefined ? {} : { to: maximum }),
      },
    ]
  })
}

/** The settings form of a make of boards, read from its own schema; what commissioning finds out is left out. */
export const lineForm = (make: Pick<LockerMake, 'settings'>, facts: BoardFacts): LineForm => {
  const whole = z.toJSONSchema(make.settings, { io: 'input', unrepresentable: 'any' })
  const { properties } = object.parse(whole)
  const { items } = z.object({ items: z.unknown() }).parse(properties.boards)
  const found = new Set(['address', 'channels', ...facts.switches.map(one => one.key)])
  return { line: fieldsOf(whole, new Set(['address', 'boards'])), everyBoard: fieldsOf(items, found) }
}
