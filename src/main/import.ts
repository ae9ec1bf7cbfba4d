import { SingleBar } from 'cli-progress'
import { type Command, Option } from 'commander'
import type { CatalogueSource } from '../adapters/catalogue/catalogue.ts'
import { type Encoding, encodings } from '../adapters/catalogue/marc/encoding.ts'
import { defaultHoldings, type HoldingsSettings } from '../adapters/catalogue/marc/holdings.ts'
import { type Format, formats } from '../adapters/catalogue/marc/marc.ts'
import { marcFile } from '../adapters/catalogue/marc/source.ts'
import type { LibraryConfig } from '../config.ts'
import {
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importRecords,
  type Placement,
} from '../gateway/catalogue/import.ts'
import { ProblemError, refused } from '../kernel/problem.ts'
import { clock, configOption, noteCommand, withData } from './data.ts'

interface Flags {
  readonly library?: string
  readonly config?: string
  readonly encoding: Encoding
  readonly format: Format
  readonly json?: true
}

/** Adds `shuqiao import marc`. */
export const addImportVerb = (program: Command): void => {
  program
    .command('import')
    .description('bring records into the catalogue')
    .command('marc')
    .description('a file of CNMARC or MARC21 records (ISO 2709)')
    .argument('<file>', 'the file')
    .option('-l, --library <id>', 'whose records these are; not needed where there is only one library')
    .addOption(
      new Option('-e, --encoding <name>', 'what the file is written in').choices(encodings).default('auto'),
    )
    .addOption(new Option('-f, --format <name>', 'the kind of MARC').choices(formats).default('auto'))
    .option('--json', 'one line of JSON: {read, imported, refused: [{record, offset, reason}]}')
    .option(...configOption)
    .action((file: string, flags: Flags, command: Command) => importFile(file, flags, command))
}

const importFile = async (file: string, flags: Flags, command: Command): Promise<void> =>
  withData(flags.config, async (store, { config }) => {
    const libraryId = flags.library ?? onlyLibrary(config?.libraries)
    if (libraryId === undefined) return command.error(whichLibrary(config?.libraries), { exitCode: 2 })
    const library = config?.libraries.find(l => l.id === libraryId)
    if (config && !library) command.error(unknownLibrary(libraryId, config.libraries), { exitCode: 2 })
    const source = await open(file, flags, library)
    const placer = locationPlacer(library)
    const bar = progressBar(flags.json === true)
    let warnings = 0
    const options: ImportOptions = {
      libraryId,
      source,
      clock,
      locationToBranch: placer.place,
      onProgress: bar.show,
      onWarning: () => {
        warnings++
      },
    }
    const result = await importRecords(store, options).catch(cannotRead(file)).finally(bar.stop)
    await store.tx(tx => noteCommand(tx, libraryId, 'catalogue.import', file))
    if (result.imported === 0 && result.refused.length > 0) process.exitCode = 1
    if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    else for (const line of told(result, warnings, placer.unknown())) process.stdout.write(`${line}\n`)
  })

/** The library that is meant where none is named. Without a settings file there is one: `main`. */
export const onlyLibrary = (
  libraries: readonly Pick<LibraryConfig, 'id'>[] | undefined,
): string | undefined =>
  libraries === undefined ? 'main' : libraries.length === 1 ? libraries[0]?.id : undefined

const whichLibrary = (libraries: readonly LibraryConfig[] = []): string =>
  `error: the settings file has several libraries: name one with --library (${libraries.map(l => l.id).join(', ')})`

const unknownLibrary = (id: string, libraries: readonly LibraryConfig[]): string =>
  `error: the settings file has no library "${id}"; known: ${libraries.map(l => l.id).join(', ')}`

const open = (
  file: string,
  { encoding, format }: Flags,
  library: LibraryConfig | undefined,
): Promise<CatalogueSource> =>
  marcFile(file, { encoding, format, holdings: holdingsOf(library) }).catch(cannotRead(file))

/** Turns what the file system says into a problem; everything else goes on as it is. */
const cannotRead =
  (file: string) =>
  (thrown: unknown): never => {
    const fault = thrown instanceof Error && 'syscall' in thrown ? thrown.message : undefined
    if (fault === undefined) throw thrown
    throw new ProblemError(
      refused(
        'unreadable-file',
        { zh: `无法读取文件 ${file}。`, en: `the file ${file} cannot be read` },
        { their: { text: fault } },
      ),
      { cause: thrown },
    )
  }

/** The library's own rules of holdings, the usual ones where it has none. */
export const holdingsOf = (library: LibraryConfig | undefined): HoldingsSettings => {
  if (!library) return defaultHoldings
  const { holdings, closedLocations } = library.catalogue
  return {
    cnmarc: holdings.cnmarc ?? defaultHoldings.cnmarc,
    marc21: holdings.marc21 ?? defaultHoldings.marc21,
    closedLocations,
  }
}

/**
 * Finds a location code's branch: the code as a whole, else one of its parts between `/`. A copy whose code no branch
 * has, or that has none, is taken to stand in the first branch; `unknown` tells such codes and their copies.
 */
export const locationPlacer = (
  library: LibraryConfig | undefined,
): { place(location: string | undefined): Placement; unknown(): ReadonlyMap<string, number> } => {
  const places = new Map<string, Placement>()
  const [main, ...others] = (library?.branches ?? []).map(branch => ({
    branch,
    placement: placementOf(branch),
  }))
  for (const { branch, placement } of main ? [main, ...others] : [])
    for (const code of branch.locations) places.set(code, placement)
  const usual: Placement = main?.placement ?? { branchId: 'main' }
  const unknown = new Map<string, number>()
  return {
    place: location => {
      if (location === undefined) return usual
      const code = [location, ...location.split('/')].find(c => places.has(c))
      if (code !== undefined) return places.get(code)!
      if (library) unknown.set(location, (unknown.get(location) ?? 0) + 1)
      return usual
    },
    unknown: () => unknown,
  }
}

const placementOf = ({ id, shelving }: LibraryConfig['branches'][number]): Placement => ({
  branchId: id,
  ...(shelving === 'closed' ? { shelving } : {}),
})

/** On a terminal a bar on stderr, elsewhere nothing. */
const progressBar = (quiet: boolean): { show: (progress: ImportProgress) => void; stop: () => void } => {
  if (quiet || !process.stderr.isTTY) return { show: () => {}, stop: () => {} }
  const bar = new SingleBar({
    format: '{bar} {percentage}%  {imported} imported 已导入  {refused} refused 已拒绝  {eta_formatted}',
    hideCursor: true,
    stream: process.stderr,
  })
  let started = false
  return {
    show: ({ bytes, size, imported, refused: no }) => {
      if (!started) bar.start(size ?? 1, 0, { imported: 0, refused: 0 })
      started = true
      bar.update(bytes, { imported, refused: no })
    },
    stop: () => bar.stop(),
  }
}

const told = (
  { read, imported, refused: no }: ImportResult,
  warnings: number,
  unknown: ReadonlyMap<string, number>,
): string[] => [
  ...no.map(({ record, offset, reason }) => `#${record} @${offset}  ${reason}`),
  ...[...unknown].map(
    ([code, copies]) => `${code}: ${copies} copies at no known branch 册馆藏地未知，归入第一个分馆`,
  ),
  `${read} read 已读取, ${imported} imported 已导入, ${no.length} refused 已拒绝, ${warnings} warnings 提示`,
]
