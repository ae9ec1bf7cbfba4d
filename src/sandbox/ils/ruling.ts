import type { Reason, Remark } from './words.ts'

/** How the library system decides on a request. */
export type Ruling<T> =
  | { readonly ok: true; readonly value: T; readonly remarks: readonly Remark[] }
  | { readonly ok: false; readonly reason: Reason }

export const rule = <T>(value: T, remarks: readonly Remark[] = []): Ruling<T> => ({
  ok: true,
  value,
  remarks,
})
export const refuse = (reason: Reason): { readonly ok: false; readonly reason: Reason } => ({
  ok: false,
  reason,
})
