import { audit } from '../gateway/store/audit.ts'
import { migrate, openStore, type Store, type Tx } from '../gateway/store/db.ts'
import { systemClock } from '../kernel/clock.ts'
import { createIds } from '../kernel/ids.ts'
import { misconfigured, ProblemError } from '../kernel/problem.ts'
import { findPlace, type Place } from './settings.ts'

/** Option of every verb that works on the data. */
export const configOption = [
  '-c, --config <file>',
  'settings file; SHUQIAO_CONFIG or ./shuqiao.yaml when left out',
] as const

export const clock = systemClock
export const ids = createIds(clock)

/** Opens the data of the settings file, beside a gateway that may be running, for the time of `work`. */
export const withData = async <T>(
  config: string | undefined,
  work: (store: Store, place: Place) => Promise<T>,
): Promise<T> => {
  const place = findPlace(config, process.env)
  const store = openStore(place.databaseUrl)
  try {
    await migrate(store)
    return await work(store, place)
  } finally {
    await store.close()
  }
}

/** Who works on the command line, for the audit log. */
export const noteCommand = (tx: Tx, libraryId: string, action: string, subject: string): Promise<void> =>
  audit(tx, { libraryId, at: clock.now(), actor: 'command-line', action, subject, reason: 'command line' })

/** Refuses a library that the settings file does not have. Without a file every name is taken. */
export const checkLibrary = ({ config }: Place, libraryId: string): void => {
  if (!config || config.libraries.some(l => l.id === libraryId)) return
  const known = config.libraries.map(l => l.id).join(', ')
  throw new ProblemError(
    misconfigured('unknown-library', {
      zh: `设置文件里没有图书馆“${libraryId}”；已有：${known}`,
      en: `the settings file has no library "${libraryId}"; known: ${known}`,
    }),
  )
}

/** Prints rows as a table: columns as wide as their longest cell, Chinese counted double. */
export const printTable = (rows: readonly Readonly<Record<string, string>>[]): void => {
  const [first] = rows
  if (!first) return
  const heads = Object.keys(first)
  const wide = (text: string): number =>
    [...text].reduce((n, c) => n + (c.codePointAt(0)! > 0x2e7f ? 2 : 1), 0)
  const widths = heads.map(h => Math.max(wide(h), ...rows.map(row => wide(row[h] ?? ''))))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell + ' '.repeat(widths[i]! - wide(cell)))
      .join('  ')
      .trimEnd()
  for (const cells of [heads, ...rows.map(row => heads.map(h => row[h] ?? ''))])
    process.stdout.write(`${line(cells)}\n`)
}

/** An instant for people at the command line: UTC, to the second. */
export const instant = (at: number | null): string =>
  at === null ? '-' : Temporal.Instant.fromEpochMilliseconds(at).toString({ smallestUnit: 'second' })
