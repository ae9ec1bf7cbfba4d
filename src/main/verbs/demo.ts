import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Command } from 'commander'
import { clock, ids } from '../data.ts'
import { writeSettings } from '../demo/settings-file.ts'
import { startDemo } from '../demo/start.ts'
import { createLog, wireLog } from '../log.ts'
import { untilToldToStop } from '../stop.ts'
import { portOf, wireOption } from './serve.ts'

/** Adds `shuqiao demo`. */
export const addDemoVerb = (program: Command): void => {
  program
    .command('demo')
    .description(
      'run the demo town: three libraries, their systems and lockers, a courier, all on this machine',
    )
    .option('-p, --port <port>', 'overrules PORT; 8080 when neither is given', portOf)
    .option('--data <folder>', 'where the town is kept; overrules SHUQIAO_DATA')
    .option(...wireOption)
    .action(async (flags: { port?: number; data?: string; wire?: true }) => {
      const data = join(flags.data ?? process.env.SHUQIAO_DATA ?? './data', 'town')
      const log = createLog(process.env.SHUQIAO_LOG ?? (flags.wire ? 'info' : 'warn'))
      const port = flags.port ?? (process.env.PORT ? portOf(process.env.PORT) : 8080)
      const demo = await startDemo({
        data,
        port,
        clock,
        random: randomBytes,
        ids,
        log,
        ...(flags.wire ? { transcript: wireLog(log) } : {}),
      })
      const settings = writeSettings(data, demo.town.environment)
      process.stdout.write(demo.welcome)
      process.stdout.write(
        `  其他命令 other commands   npm run -s shuqiao -- doctor --config ${settings}\n\n`,
      )
      await untilToldToStop(log, demo)
    })
}
