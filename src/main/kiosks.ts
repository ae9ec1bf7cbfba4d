import type { Config, KiosksConfig } from '../config.ts'
import { bindSip2Ours } from '../gateway/bindings/sip2-ours.ts'
import type { Deps } from '../gateway/http/deps.ts'
import { type Account, type Limits, usualLimits } from '../gateway/sip2-server/accounts.ts'
import { type KioskServer, startKioskServer } from '../gateway/sip2-server/server.ts'
import { orThrow } from '../kernel/problem.ts'
import type { Transcript } from '../kernel/transcript.ts'
import type { Lending } from './lending.ts'
import type { Workshop } from './vendors.ts'

/** Starts the server for kiosks when the settings have one; its lines are let go of before what it stands on. */
export const startKiosks = async (
  config: Config,
  deps: Deps,
  shop: Workshop,
  lending: Pick<Lending, 'orders'>,
  transcript: Transcript,
): Promise<KioskServer | undefined> => {
  const { kiosks } = config
  if (!kiosks || kiosks.accounts.length === 0) return undefined
  const { store, clock, ids, personal, libraries, ils, log } = deps
  return startKioskServer({
    listeners: kiosks.listeners,
    accounts: kiosks.accounts.map(account => accountOf(config, account)),
    limits: limitsOf(kiosks),
    ours: bindSip2Ours({
      store,
      clock,
      ids,
      personal,
      libraries,
      ingest: async evidence => orThrow(await lending.orders.ingest(evidence)),
      wake: () => lending.orders.worker.wake(),
    }),
    ils,
    clock,
    wire: shop.clock,
    ids,
    random: shop.random,
    log,
    transcript,
  })
}

type AccountConfig = KiosksConfig['accounts'][number]

const accountOf = (config: Config, settings: AccountConfig): Account => {
  const { library: libraryId, branch: branchId, profile, unknownMessages, ...rest } = settings
  const library = config.libraries.find(one => one.id === libraryId)!
  const branch = library.branches.find(one => one.id === branchId)!
  const { holdCount, lists, dueDates, ...speech } = profile
  return {
    ...rest,
    libraryId,
    branchId,
    institution: settings.institution ?? libraryId.toUpperCase(),
    location: settings.location ?? branch.locations[0] ?? branchId,
    speech,
    holdCount,
    lists,
    dueDates,
    tellsHolder: settings.tellsHolder ?? ['cabinet', 'sorter'].includes(settings.use),
    passesUnknown: unknownMessages,
    byHand: library.ils.driver === 'manual',
  }
}

const limitsOf = ({ limits }: KiosksConfig): Limits => ({
  ...usualLimits,
  connections: limits.connections,
  connectionsPerAddress: limits.connectionsPerAddress,
  requestsPerSecond: limits.requestsPerSecond,
  loginTime: limits.loginSeconds * 1000,
  patience: limits.patienceSeconds * 1000,
  idleTime: limits.idleMinutes * 60_000,
  answerTime: limits.answerSeconds * 1000,
})
