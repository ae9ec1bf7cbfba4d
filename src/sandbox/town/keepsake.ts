import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A JSON file that is replaced as a whole, so that a kill in the middle of writing leaves the old one. */
export interface Keepsake<T> {
  load(): T | undefined
  save(value: T): void
}

/** Without a folder nothing is kept: for tests. */
export const keepsake = <T>(folder: string | undefined, name: string): Keepsake<T> => {
  if (folder === undefined) return { load: () => undefined, save: () => {} }
  const file = join(folder, name)
  return {
    load: () => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined),
    save: value => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    },
  }
}
