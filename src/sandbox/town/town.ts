import { generateKeyPairSync } from 'node:crypto'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids, RandomBytes } from '../../kernel/ids.ts'
import { type SandboxAlipay, startSandboxAlipay } from '../alipay/alipay.ts'
import type { SavedContracts } from '../alipay/contracts.ts'
import { gb18030Plain, kohaManner, utf8Checksums } from '../ils/dialect.ts'
import type { IlsSeed } from '../ils/model.ts'
import { type SandboxIls, startSandboxIls } from '../ils/sandbox-ils.ts'
import { type SandboxBus, type SandboxBusSettings, startSandboxBus } from '../lockers/bus.ts'
import type { SavedOrders } from '../sf/orders.ts'
import { type SandboxSf, startSandboxSf } from '../sf/sf.ts'
import { type LibraryId, type TownLibrary, townLibraries, townReaders } from './facts.ts'
import { ilsSeedOf } from './ils-seed.ts'
import { type Keepsake, keepsake } from './keepsake.ts'

/** Everything outside the gateway that the demo town needs, running on real sockets of this machine. */
export interface Town {
  /** Values of the `${...}` in the town's settings file. */
  readonly environment: Readonly<Record<string, string>>
  readonly ils: Readonly<Record<LibraryId, SandboxIls>>
  readonly alipay: SandboxAlipay
  readonly sf: SandboxSf
  readonly buses: Readonly<Record<'bus-a' | 'bus-b', SandboxBus>>
  /** A cabinet that no settings know yet, to be set up on the staff page. */
  readonly newCabinet: SandboxBus
  /** Unguessable last part of the address that the courier pushes to. */
  readonly courierHook: string
  close(): Promise<void>
}

export interface TownOptions {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly ids: Ids
  /** Where the town's own state is kept over restarts; absent: nowhere. */
  readonly folder?: string
  /** How long a door of a cabinet stays open until the demo's hand shuts it; absent: until somebody does. */
  readonly handAfter?: Millis
  /** When a booked parcel is picked up, on its way, out for delivery and signed, after the booking. */
  readonly parcelSteps?: readonly { readonly after: Millis; readonly opCode: string }[]
}

interface Secrets {
  readonly appPrivateKey: string
  readonly appPublicKey: string
  readonly alipay: { readonly privateKey: string; readonly publicKey: string }
  readonly ilsPassword: string
  readonly checkWord: string
  readonly courierHook: string
  readonly kioskPassword: string
}

const dialects = { gusu: utf8Checksums, songling: gb18030Plain, lucheng: kohaManner } as const
const appId = '2026000000000001'
/** Wirings as in the settings file: boards 2 of bus A and 1 of bus B have locks shorted when open. */
const boards = {
  'bus-a': [
    { address: 1, channels: 8 },
    { address: 2, channels: 8, shortedWhen: 'open' },
    { address: 3, channels: 8 },
  ],
  'bus-b': [
    { address: 1, channels: 8, shortedWhen: 'open' },
    { address: 2, channels: 8 },
  ],
} as const
/** Of the cabinet that is not set up: wired otherwise than usual, and each board in its own way. */
const newBoards = [
  { address: 1, channels: 8, shortedWhen: 'open', bitOneMeans: 'closed' },
  { address: 2, channels: 8 },
] as const
/** Whoever sets it up says which door opened before it is shut. */
const longLook: Millis = 20_000
const saveEvery: Millis = 200

export const startTown = async (options: TownOptions): Promise<Town> => {
  const { clock, folder } = options
  const kept = keepsake<Secrets>(folder, 'sandbox-secrets.json')
  // A town of an earlier version knew no kiosks.
  const secrets = { kioskPassword: options.ids.secret(9), ...(kept.load() ?? makeSecrets(options.ids)) }
  kept.save(secrets)
  const libraries = await Promise.all(
    townLibraries.map(library => startLibrary(library, secrets.ilsPassword, options)),
  )
  const ils = Object.fromEntries(libraries.map(({ id, system }) => [id, system])) as Record<
    LibraryId,
    SandboxIls
  >
  const platform = keepsake<SavedContracts>(folder, 'sandbox-alipay.json')
  const contracts = platform.load()
  const alipay = await startSandboxAlipay({
    clock,
    ...(contracts ? { saved: contracts } : {}),
    appId,
    appPublicKey: secrets.appPublicKey,
    keys: secrets.alipay,
    people: townReaders().map(({ name, idNumber, zhimaScore }) => ({
      name,
      idNumber,
      ...(zhimaScore === undefined ? {} : { score: zhimaScore }),
    })),
  })
  const carrier = keepsake<SavedOrders>(folder, 'sandbox-sf.json')
  const orders = carrier.load()
  const sf = await startSandboxSf({
    clock,
    ...(orders ? { saved: orders } : {}),
    partnerId: 'SHUQIAO',
    checkWord: secrets.checkWord,
    ...(options.parcelSteps ? { autoRun: options.parcelSteps } : {}),
  })
  const books = [
    keeping(options, platform, () => alipay.toJSON()),
    keeping(options, carrier, () => sf.toJSON()),
  ]
  const bus = (of: SandboxBusSettings['boards'], after = options.handAfter): Promise<SandboxBus> =>
    startSandboxBus({
      clock,
      boards: of,
      ...(options.handAfter === undefined || after === undefined ? {} : { ghostHand: { after } }),
    })
  const buses = { 'bus-a': await bus(boards['bus-a']), 'bus-b': await bus(boards['bus-b']) }
  const newCabinet = await bus(newBoards, longLook)
  return {
    ils,
    alipay,
    sf,
    buses,
    newCabinet,
    courierHook: secrets.courierHook,
    environment: {
      SANDBOX_ALIPAY_URL: alipay.url,
      SANDBOX_ALIPAY_PUBLIC_KEY: alipay.publicKey,
      SANDBOX_APP_PRIVATE_KEY: secrets.appPrivateKey,
      SANDBOX_SF_URL: sf.url,
      SANDBOX_SF_CHECKWORD: secrets.checkWord,
      SANDBOX_SF_HOOK: secrets.courierHook,
      SANDBOX_BUS_A_PORT: String(buses['bus-a'].port),
      SANDBOX_BUS_B_PORT: String(buses['bus-b'].port),
      SANDBOX_ILS_PASSWORD: secrets.ilsPassword,
      SANDBOX_KIOSK_PASSWORD: secrets.kioskPassword,
      SANDBOX_ILS_GUSU_PORT: String(ils.gusu.port),
      SANDBOX_ILS_SONGLING_PORT: String(ils.songling.port),
      SANDBOX_ILS_LUCHENG_PORT: String(ils.lucheng.port),
    },
    close: async () => {
      for (const stop of books) stop()
      await Promise.all([
        ...libraries.map(library => library.close()),
        alipay.close(),
        sf.close(),
        ...Object.values(buses).map(one => one.close()),
        newCabinet.close(),
      ])
    },
  }
}

/** The library system of one library; what it holds is written down whenever an act has changed it. */
const startLibrary = async (
  library: TownLibrary,
  password: string,
  { clock, random, folder }: TownOptions,
) => {
  const book = keepsake<IlsSeed>(folder, `sandbox-ils-${library.id}.json`)
  const seed = book.load() ?? ilsSeedOf(library, password, clock.now())
  const system = await startSandboxIls({
    name: library.name,
    dialect: dialects[library.id],
    seed,
    clock,
    random,
  })
  const stop = keeping(
    { clock, ...(folder === undefined ? {} : { folder }) },
    book,
    () => system.state.toJSON(),
    () => JSON.stringify(system.state.counts()),
  )
  return {
    id: library.id,
    system,
    close: async () => {
      await system.close()
      stop()
    },
  }
}

/** Writes down what has changed, again and again, and once more when told to stop. `mark` tells cheaply of a change. */
const keeping = <T>(
  { clock, folder }: Pick<TownOptions, 'clock' | 'folder'>,
  kept: Keepsake<T>,
  state: () => T,
  mark: () => string = () => JSON.stringify(state()),
): (() => void) => {
  if (folder === undefined) return () => {}
  let written: string | undefined
  let cancel = (): void => {}
  const save = (): void => {
    const now = mark()
    if (now !== written) kept.save(state())
    written = now
  }
  const watch = (): void => {
    save()
    cancel = clock.after(saveEvery, watch)
  }
  watch()
  return () => {
    cancel()
    save()
  }
}

const pair = (): { privateKey: string; publicKey: string } =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

const makeSecrets = (ids: Ids): Omit<Secrets, 'kioskPassword'> => {
  const app = pair()
  return {
    appPrivateKey: app.privateKey,
    appPublicKey: app.publicKey,
    alipay: pair(),
    ilsPassword: ids.secret(9),
    checkWord: ids.secret(24),
    courierHook: ids.secret(24),
  }
}
