import { z } from 'zod'
import { type Config, configSchema, type DriverKind, type DriverSettings } from '../config.ts'
import { crossFaults } from './cross.ts'
import { type Fault, type Path, readSettings, type Secrets } from './yaml.ts'

/** Schemas of the drivers' own settings (without `driver`), by kind and name. */
export type DriverSchemas = Readonly<Record<DriverKind, Readonly<Record<string, z.ZodType>>>>

export type Loaded =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Reads a settings file; all its faults at once, in the order of the file. */
export const loadConfig = (text: string, secrets: Secrets, drivers: DriverSchemas): Loaded => {
  const file = readSettings(text, secrets)
  if (file.value === undefined) return { ok: false, faults: file.faults }
  const faults = [...file.faults]
  const parsed = configSchema.safeParse(file.value)
  const add = (path: Path, issues: readonly z.core.$ZodIssue[]): void => {
    for (const issue of issues) {
      if (issue.code === 'unrecognized_keys')
        for (const key of issue.keys)
          faults.push(file.faultAt([...path, ...issue.path, key], 'is not a setting known here', 'key'))
      else faults.push(file.faultAt([...path, ...issue.path], sentence(issue)))
    }
  }
  if (!parsed.success) add([], parsed.error.issues)
  for (const { kind, path, value } of driverSlots(file.value)) {
    const { driver, settings } = splitDriver(kind, value)
    const schema = drivers[kind][driver]
    if (schema) add(path, schema.safeParse(settings).error?.issues ?? [])
    else
      faults.push(
        file.faultAt(
          [...path, 'driver'],
          `there is no ${kind} driver "${driver}"; known: ${Object.keys(drivers[kind]).sort().join(', ')}`,
        ),
      )
  }
  if (isMap(file.value))
    for (const { path, message } of crossFaults(file.value)) faults.push(file.faultAt(path, message))
  if (parsed.success && faults.length === 0) return { ok: true, config: parsed.data }
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) }
}

const sentence = (issue: z.core.$ZodIssue): string =>
  issue.message.endsWith('received undefined') ? 'is missing' : issue.message

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the gateway itself reads of an entry, and the driver does not. */
const ours: Readonly<Record<DriverKind, readonly string[]>> = {
  ils: ['driver'],
  lockerBus: ['driver', 'id'],
  courier: ['driver', 'name'],
  credit: ['driver'],
}

/** The driver's name and its own settings. */
export const splitDriver = (
  kind: DriverKind,
  entry: DriverSettings,
): { readonly driver: string; readonly settings: Readonly<Record<string, unknown>> } => ({
  driver: entry.driver,
  settings: Object.fromEntries(Object.entries(entry).filter(([name]) => !ours[kind].includes(name))),
})

interface Slot {
  readonly kind: DriverKind
  readonly path: Path
  readonly value: DriverSettings
}

/** Every place of a (possibly faulty) file where a driver is named. */
const driverSlots = (value: unknown): readonly Slot[] => {
  if (!isMap(value)) return []
  const slots: Slot[] = []
  const push = (kind: DriverKind, path: Path, entry: unknown): void => {
    if (isMap(entry) && typeof entry.driver === 'string')
      slots.push({ kind, path, value: { ...entry, driver: entry.driver } })
  }
  const each = (key: string, visit: (entry: unknown, path: Path) => void): void => {
    const entries = value[key]
    if (Array.isArray(entries)) for (const [i, entry] of entries.entries()) visit(entry, [key, i])
    else if (isMap(entries)) for (const [name, entry] of Object.entries(entries)) visit(entry, [key, name])
  }
  each('libraries', (entry, path) => push('ils', [...path, 'ils'], isMap(entry) ? entry.ils : undefined))
  each('lockerBuses', (entry, path) => push('lockerBus', path, entry))
  each('couriers', (entry, path) => push('courier', path, entry))
  each('credit', (entry, path) => push('credit', path, entry))
  return slots
}

/** The JSON Schema of the file, for editors. */
export const configJsonSchema = (drivers: DriverSchemas): object =>
  z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const kind = jsonSchema.driverKind as DriverKind | undefined
      if (!kind) return
      const { properties = {}, required = [] } = jsonSchema
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      jsonSchema.oneOf = Object.entries(drivers[kind]).map(([name, schema]) => {
        const { $schema: _, ...own } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
        return {
          ...own,
          properties: { ...properties, ...own.properties, driver: { const: name } },
          required: [...new Set([...required, ...(own.required ?? [])])],
        }
      })
    },
  })
