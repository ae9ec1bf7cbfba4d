/** Parts that every route description has. */
import type { z } from '@hono/zod-openapi'
import { problem } from '../api/common.ts'

export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
export const refusals = {
  default: { description: 'problem', content: { 'application/problem+json': { schema: problem } } },
} as const
export const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
})
