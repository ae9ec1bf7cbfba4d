import { fileURLToPath } from 'node:url'
import type { Config } from '../../config.ts'
import type { DemoJson } from '../../gateway/http/api/demo.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Ids, RandomBytes } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Transcript } from '../../kernel/transcript.ts'
import { townSettingsFile } from '../../sandbox/town/facts.ts'
import { startTown, type Town } from '../../sandbox/town/town.ts'
import { type Gateway, startGateway } from '../serve.ts'
import { readConfig } from '../settings.ts'
import { furnish } from './furnish.ts'
import { welcome } from './print.ts'

export interface DemoOptions {
  /** Folder of the town's database, keys and sandbox. */
  readonly data: string
  readonly port: number
  readonly clock: Clock
  /** Clock of the sandbox and of the sockets to it; the real one unless told otherwise. */
  readonly wireClock?: Clock
  readonly random: RandomBytes
  readonly ids: Ids
  readonly log: Log
  /** How long a locker door stays open until somebody's hand shuts it; 0: nobody does. */
  readonly handAfter?: Millis
  readonly parcelSteps?: readonly { readonly after: Millis; readonly opCode: string }[]
  readonly pages?: string
  readonly transcript?: Transcript
}

export interface Demo {
  readonly url: string
  readonly town: Town
  readonly gateway: Gateway
  readonly guide: DemoJson
  readonly welcome: string
  close(): Promise<void>
}

/** A parcel of the demo is picked up, travels, is out for delivery and signed within a minute and a half. */
const quickParcel = [
  { after: 20_000, opCode: '50' },
  { after: 40_000, opCode: '36' },
  { after: 60_000, opCode: '44' },
  { after: 90_000, opCode: '80' },
] as const

/** Starts the sandbox town, the gateway upon it, and furnishes both on the first day. */
export const startDemo = async (options: DemoOptions): Promise<Demo> => {
  const { data, clock, wireClock = systemClock, random, ids, log, handAfter = 8000 } = options
  const town = await startTown({
    clock: wireClock,
    random,
    ids,
    folder: data,
    parcelSteps: options.parcelSteps ?? quickParcel,
    ...(handAfter > 0 ? { handAfter } : {}),
  })
  try {
    let guide: DemoJson | undefined
    const config = readConfig(fileURLToPath(townSettingsFile), town.environment)
    const gateway = await startGateway({
      config,
      data,
      databaseUrl: `sqlite:${data}/shuqiao.sqlite`,
      host: '127.0.0.1',
      port: options.port,
      clock,
      wireClock,
      random,
      ids,
      log,
      demo: {
        guide: () => guide,
        hand: (bus, board, channel) => town.buses[bus as 'bus-a' | 'bus-b'].door(board, channel).close(),
      },
      ...(options.pages === undefined ? {} : { pages: options.pages }),
      ...(options.transcript ? { transcript: options.transcript } : {}),
    })
    guide = await furnish(gateway.deps, data)
    town.sf.pushTo(`${gateway.url}/hooks/${town.courierHook}`)
    const systems = Object.values(town.ils).map(({ name, port }) => ({ name, port }))
    const account = { user: 'shuqiao', password: town.environment.SANDBOX_ILS_PASSWORD ?? '' }
    return {
      url: gateway.url,
      town,
      gateway,
      guide,
      welcome: welcome(
        gateway.url,
        guide,
        systems,
        account,
        machinesOf(gateway, config, town),
        town.newCabinet.port,
      ),
      close: async () => {
        await gateway.close()
        await town.close()
      },
    }
  } catch (thrown) {
    await town.close()
    throw thrown
  }
}

const machinesOf = (gateway: Gateway, config: Config, town: Town) => {
  const [listener] = gateway.kiosks?.addresses ?? []
  return (
    listener && {
      port: listener.port,
      users: (config.kiosks?.accounts ?? []).flatMap(account => account.user ?? []),
      password: town.environment.SANDBOX_KIOSK_PASSWORD ?? '',
    }
  )
}
