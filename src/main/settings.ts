import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config.ts'
import { misconfigured, ProblemError } from '../kernel/problem.ts'
import { ConfigFaults } from './faults.ts'
import { driverSchemas } from './vendors.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** What every verb that touches data starts from. */
export interface Place {
  /** Absent where there is no settings file. */
  readonly config?: Config
  readonly file?: string
  readonly data: string
  readonly databaseUrl: string
}

const usualFile = 'shuqiao.yaml'

/** `--config`, else SHUQIAO_CONFIG, else shuqiao.yaml in the current folder where there is one. */
export const configFile = (given: string | undefined, env: Env): string | undefined => {
  const named = given ?? env.SHUQIAO_CONFIG
  if (named) return named
  return existsSync(usualFile) ? usualFile : undefined
}

/** Reads and checks a settings file. Throws `ConfigFaults`, or `misconfigured/no-config-file`. */
export const readConfig = (file: string, env: Env): Config => {
  const base = dirname(resolve(file))
  const loaded = loadConfig(
    read(file),
    { env: name => env[name], file: path => readFileSync(resolve(base, path), 'utf8') },
    driverSchemas,
  )
  if (!loaded.ok) throw new ConfigFaults(file, loaded.faults)
  return loaded.config
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProblemError(
      misconfigured('no-config-file', {
        zh: `读不到设置文件 ${file}。`,
        en: `the settings file ${file} cannot be read`,
      }),
      { cause },
    )
  }
}

/** Where the data is: by the settings file where there is one, in ./data otherwise. */
export const findPlace = (given: string | undefined, env: Env): Place => {
  const file = configFile(given, env)
  return placeOf(file === undefined ? undefined : { config: readConfig(file, env), file }, env)
}

export const placeOf = (found: { config: Config; file: string } | undefined, env: Env): Place => {
  const data = env.SHUQIAO_DATA || found?.config.data || './data'
  const databaseUrl = found?.config.database ?? `sqlite:${join(data, 'shuqiao.sqlite')}`
  return { ...found, data, databaseUrl }
}

/** As `findPlace`, for verbs that cannot do without a settings file. */
export const findConfigured = (given: string | undefined, env: Env): Place & { readonly config: Config } => {
  const place = findPlace(given, env)
  if (place.config) return { ...place, config: place.config }
  throw new ProblemError(
    misconfigured('no-config-file', {
      zh: `没有设置文件：请用 --config 指定，或在当前目录放一个 ${usualFile}。`,
      en: `there is no settings file: name it with --config, or put ${usualFile} in the current folder`,
    }),
  )
}
