import type { z } from 'zod'

/** Readers of JSON in UTF-8: the message in some bytes; undefined when they are too many, no JSON, or not of the form. */
export const jsonReader =
  (largest: number) =>
  <S extends z.ZodType>(schema: S) =>
  (payload: Uint8Array): z.output<S> | undefined => {
    if (payload.length > largest) return undefined
    try {
      const parsed = schema.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')))
      return parsed.success ? parsed.data : undefined
    } catch {
      return undefined
    }
  }
