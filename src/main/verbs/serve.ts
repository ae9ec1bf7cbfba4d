import { randomBytes } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import { clock, configOption, ids } from '../data.ts'
import { createLog, wireLog } from '../log.ts'
import { startGateway } from '../serve.ts'
import { findConfigured } from '../settings.ts'
import { untilToldToStop } from '../stop.ts'

export const portOf = (text: string): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('a port is a number from 0 to 65535')
}

export const wireOption = ['--wire', 'log every message to and from other systems, masked'] as const

/** Adds `shuqiao serve`. */
export const addServeVerb = (program: Command): void => {
  program
    .command('serve')
    .description('run the gateway: pages, interface and workers in one process')
    .option('-p, --port <port>', 'overrules PORT and the settings file', portOf)
    .option('--host <address>', 'address to listen on; overrules the settings file')
    .option(...wireOption)
    .option(...configOption)
    .action(async (flags: { config?: string; port?: number; host?: string; wire?: true }) => {
      const { config, data, databaseUrl } = findConfigured(flags.config, process.env)
      const log = createLog(process.env.SHUQIAO_LOG)
      const port = flags.port ?? (process.env.PORT ? portOf(process.env.PORT) : (config.port ?? 8080))
      const host = flags.host ?? config.host
      const gateway = await startGateway({
        config,
        data,
        databaseUrl,
        host,
        port,
        clock,
        random: randomBytes,
        ids,
        log,
        ...(flags.wire ? { transcript: wireLog(log) } : {}),
      })
      log.info({ url: gateway.url }, 'serving')
      await untilToldToStop(log, gateway)
    })
}
