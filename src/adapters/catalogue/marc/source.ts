import { open, stat } from 'node:fs/promises'
import type { CatalogueSource, SourceRecord } from '../catalogue.ts'
import { framesOf, type ReadBytes } from './frames.ts'
import { defaultMarcSettings, type MarcSettings, readFrame } from './marc.ts'

async function* recordsOf(read: ReadBytes, settings: MarcSettings): AsyncGenerator<SourceRecord> {
  let number = 0
  for await (const frame of framesOf(read)) yield readFrame(frame, ++number, settings)
}

/**
 * A file of ISO 2709 records in CNMARC or MARC21, mixed if need be. Memory does not grow with the file.
 * Rejects with the file system's error when the file cannot be opened or read.
 */
export const marcFile = async (
  path: string,
  settings: Partial<MarcSettings> = {},
): Promise<CatalogueSource> => {
  const { size } = await stat(path)
  return {
    name: path,
    size,
    async *records() {
      const file = await open(path)
      try {
        const read: ReadBytes = async into => (await file.read(into, 0, into.length)).bytesRead
        yield* recordsOf(read, { ...defaultMarcSettings, ...settings })
      } finally {
        await file.close()
      }
    },
  }
}

/** The same records from memory. */
export const marcBytes = (
  name: string,
  bytes: Uint8Array,
  settings: Partial<MarcSettings> = {},
): CatalogueSource => ({
  name,
  size: bytes.length,
  async *records() {
    let at = 0
    const read: ReadBytes = async into => {
      const part = bytes.subarray(at, at + into.length)
      into.set(part)
      at += part.length
      return part.length
    }
    yield* recordsOf(read, { ...defaultMarcSettings, ...settings })
  },
})
