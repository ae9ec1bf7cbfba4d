import type { Command } from 'commander'
import { configJsonSchema } from '../../config/load.ts'
import { configOption } from '../data.ts'
import { findConfigured } from '../settings.ts'
import { driverSchemas } from '../vendors.ts'

/** Adds `shuqiao config check|schema`. */
export const addConfigVerbs = (program: Command): void => {
  const config = program.command('config').description('check the settings file, or print its schema')
  config
    .command('check')
    .description('read the settings file and tell everything that is wrong with it')
    .option(...configOption)
    .action((flags: { config?: string }) => {
      const { config: found, file } = findConfigured(flags.config, process.env)
      const count = found.libraries.length
      process.stdout.write(`${file}: ${count} ${count === 1 ? 'library' : 'libraries'}, no fault 没有错误\n`)
    })
  config
    .command('schema')
    .description('print the JSON Schema of the settings file, for editors')
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(driverSchemas), null, 2)}\n`)
    })
}
