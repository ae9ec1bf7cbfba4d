import { z } from 'zod'
import { type Config, configSchema } from '../config.ts'
import { crossFaults } from './cross.ts'
import { type DriverSchemas, splitDriver } from './load.ts'
import { type Fault, type Path, readSettings, type SettingsFile } from './yaml.ts'

const lockers = configSchema.shape.libraries.element.shape.lockers.unwrap()
const compartments = lockers.element.shape.compartments
const fragment = z.strictObject({
  lockerBuses: configSchema.shape.lockerBuses.unwrap(),
  lockers: z
    .array(z.union([lockers.element, z.strictObject({ id: z.string(), bus: z.string(), compartments })]))
    .default([]),
})
type Fragment = z.output<typeof fragment>

/** Lockers that are in the settings are written with their compartments alone: the rest stands there. */
const isNew = (config: Config, one: unknown): boolean =>
  !config.libraries.some(library => library.lockers.some(({ id }) => id === (one as { id?: unknown }).id))

const noSecrets = {
  env: () => undefined,
  file: (): string => {
    throw Object.assign(new Error('not read'), { code: 'not read here' })
  },
}

/**
 * Whether a `lockerBuses` and a `lockers` section, as commissioning writes them, will be taken by the settings file
 * once they stand in it: every fault at once, with its place in this text. The lockers are those of one library; what
 * has an id that is there already takes its place.
 */
export const checkLockerText = (
  text: string,
  config: Config,
  libraryId: string,
  drivers: DriverSchemas,
): readonly Fault[] => {
  const file = readSettings(text, noSecrets)
  if (file.value === undefined || file.faults.length > 0) return file.faults
  const shape = shapeFaults(file, config)
  const parsed = fragment.safeParse(file.value)
  const faults = [...shape]
  if (parsed.success) faults.push(...driverFaults(file, parsed.data, drivers))
  if (parsed.success) faults.push(...crossingFaults(file, parsed.data, config, libraryId))
  return faults.sort((a, b) => a.line - b.line || a.column - b.column)
}

const loose = z.object({ lockerBuses: z.unknown(), lockers: z.array(z.unknown()).default([]) })

/** Told by the schema of each part, so that a fault is said of the very setting that has it. */
const shapeFaults = (file: SettingsFile, config: Config): readonly Fault[] => {
  const read = loose.safeParse(file.value)
  if (!read.success) return [file.faultAt([], 'must have lockerBuses')]
  const issues = (path: Path, schema: z.ZodType, value: unknown): readonly Fault[] =>
    (schema.safeParse(value).error?.issues ?? []).map(one =>
      file.faultAt([...path, ...one.path], one.message),
    )
  const patch = lockers.element.pick({ id: true, bus: true, compartments: true })
  return [
    ...issues(['lockerBuses'], configSchema.shape.lockerBuses, read.data.lockerBuses),
    ...read.data.lockers.flatMap((one, at) =>
      issues(['lockers', at], isNew(config, one) ? lockers.element : patch, one),
    ),
  ]
}

const driverFaults = (file: SettingsFile, { lockerBuses }: Fragment, drivers: DriverSchemas) =>
  lockerBuses.flatMap((bus, at) => {
    const { driver, settings } = splitDriver('lockerBus', bus)
    const schema = drivers.lockerBus[driver]
    if (!schema) return [file.faultAt(['lockerBuses', at, 'driver'], `there is no driver "${driver}"`)]
    return (schema.safeParse(settings).error?.issues ?? []).map(one =>
      file.faultAt(['lockerBuses', at, ...one.path], one.message),
    )
  })

/** The whole file as it would be, with ours behind the rest: what is said of ours is said here. */
const crossingFaults = (file: SettingsFile, ours: Fragment, config: Config, libraryId: string) => {
  const others = config.lockerBuses.filter(one => !ours.lockerBuses.some(bus => bus.id === one.id))
  const stays = (library: Config['libraries'][number]) =>
    library.id === libraryId
      ? library.lockers.filter(one => !ours.lockers.some(locker => locker.id === one.id))
      : library.lockers
  const rest = config.libraries.filter(one => one.id !== libraryId)
  const own = config.libraries.filter(one => one.id === libraryId)
  const libraries = [...rest, ...own].map(library => ({
    ...library,
    lockers: library.id === libraryId ? [...stays(library), ...ours.lockers] : library.lockers,
  }))
  const at = libraries.length - 1
  const before = own[0] ? stays(own[0]).length : 0
  const whole: Readonly<Record<string, unknown>> = {
    ...config,
    lockerBuses: [...others, ...ours.lockerBuses],
    libraries,
  }
  const found = crossFaults(whole)
  return found.flatMap(({ path, message }) => {
    const [part, index, inner, second, ...more] = path
    if (part === 'lockerBuses' && Number(index) >= others.length)
      return [file.faultAt(['lockerBuses', Number(index) - others.length, ...path.slice(2)], message)]
    if (part === 'libraries' && index === at && inner === 'lockers' && Number(second) >= before)
      return [file.faultAt(['lockers', Number(second) - before, ...more], message)]
    return []
  })
}
