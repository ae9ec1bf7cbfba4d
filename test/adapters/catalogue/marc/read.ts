import type { SourceRecord } from '../../../../src/adapters/catalogue/catalogue.ts'
import { type Frame, framesOf } from '../../../../src/adapters/catalogue/marc/frames.ts'
import type { MarcSettings } from '../../../../src/adapters/catalogue/marc/marc.ts'
import { marcBytes } from '../../../../src/adapters/catalogue/marc/source.ts'

export const readAll = async (
  bytes: Uint8Array,
  settings: Partial<MarcSettings> = {},
): Promise<SourceRecord[]> => Array.fromAsync(marcBytes('test', bytes, settings).records())

export const readOne = async (bytes: Uint8Array, settings: Partial<MarcSettings> = {}) => {
  const [only, ...others] = await readAll(bytes, settings)
  if (!only?.ok || others.length > 0) throw new Error(`not one record: ${JSON.stringify([only, ...others])}`)
  return { ...only.record, warnings: only.warnings }
}

/** The reason of the only record. */
export const refusal = async (bytes: Uint8Array, settings: Partial<MarcSettings> = {}): Promise<string> => {
  const [only, ...others] = await readAll(bytes, settings)
  if (!only || only.ok || others.length > 0) throw new Error('not one refusal')
  return only.reason
}

/** Frames with bytes of their own, read in portions of the given sizes, over and over. */
export const frames = async (bytes: Buffer, portions: readonly number[] = [1 << 16]): Promise<Frame[]> => {
  let at = 0
  let turn = 0
  const read = async (into: Buffer): Promise<number> => {
    const size = Math.min(portions[turn++ % portions.length]!, into.length, bytes.length - at)
    bytes.copy(into, 0, at, at + size)
    at += size
    return size
  }
  const all: Frame[] = []
  for await (const frame of framesOf(read)) all.push({ ...frame, bytes: Buffer.from(frame.bytes) })
  return all
}
