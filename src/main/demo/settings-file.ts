import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { townSettingsFile } from '../../sandbox/town/facts.ts'

/**
 * Writes the town's settings with today's ports and keys in their places, so that the other verbs can be tried on
 * the town: `shuqiao doctor --config <folder>/shuqiao.yaml`. Gives the file's name.
 */
export const writeSettings = (folder: string, environment: Readonly<Record<string, string>>): string => {
  const file = join(folder, 'shuqiao.yaml')
  const filled = readFileSync(townSettingsFile, 'utf8').replace(/"?\$\{([A-Z_]+)\}"?/g, (_, name: string) => {
    const value = environment[name] ?? ''
    return /^\d+$/.test(value) && name.endsWith('_PORT') ? value : JSON.stringify(value)
  })
  const head = '# Made by "shuqiao demo" at every start, from fixtures/town/shuqiao.yaml.\n'
  writeFileSync(file, `${head}data: ${JSON.stringify(resolve(folder))}\n${filled}`, { mode: 0o600 })
  return file
}
