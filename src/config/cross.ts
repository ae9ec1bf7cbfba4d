import type { Path } from './yaml.ts'

/** The settings as they may stand in a file with faults: everything may be missing. */
interface Loose {
  readonly libraries?: readonly {
    readonly id?: string
    readonly ils?: { readonly name?: string }
    readonly branches?: readonly { readonly id?: string; readonly locations?: readonly string[] }[]
    readonly lockers?: readonly LooseLocker[]
    readonly policy?: { readonly courier?: string }
  }[]
  readonly lockerBuses?: readonly {
    readonly id?: string
    readonly address?: { readonly dial?: { readonly host?: string; readonly port?: number } }
  }[]
  readonly couriers?: readonly { readonly name?: string }[]
  readonly consortium?: { readonly suppliers?: readonly string[] }
  readonly kiosks?: {
    readonly accounts?: readonly {
      readonly id?: string
      readonly user?: string
      readonly library?: string
      readonly branch?: string
    }[]
  }
}
interface LooseLocker {
  readonly id?: string
  readonly bus?: string
  readonly compartments?: readonly {
    readonly id?: string
    readonly board?: number
    readonly channel?: number
  }[]
}

export interface Crossing {
  readonly path: Path
  readonly message: string
}

/** Faults between parts of the file: names given twice, and names of nothing. */
export const crossFaults = (config: Loose): readonly Crossing[] => {
  const found: Crossing[] = []
  const list = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : [])
  const unique = (kind: string, seen: Map<string, true>, name: unknown, path: Path): void => {
    if (name === undefined) return
    const key = String(name)
    if (seen.has(key)) found.push({ path, message: `another ${kind} is already "${key}"` })
    seen.set(key, true)
  }
  const known = (kind: string, names: ReadonlySet<string | undefined>, name: unknown, path: Path): void => {
    if (typeof name === 'string' && !names.has(name))
      found.push({
        path,
        message: `there is no ${kind} "${name}"; known: ${[...names].sort().join(', ') || 'none'}`,
      })
  }
  const buses = new Set(list(config.lockerBuses).map(b => b?.id))
  const couriers = new Set([...list(config.couriers).map(c => c?.name), 'own-van'])
  const seen = {
    library: new Map(),
    ils: new Map(),
    locker: new Map(),
    branch: new Map(),
    bus: new Map(),
    courier: new Map(),
    door: new Map(),
  }
  const converters = new Map<string, string | undefined>()
  list(config.lockerBuses).forEach((bus, i) => {
    unique('locker bus', seen.bus, bus?.id, ['lockerBuses', i, 'id'])
    const { host, port } = bus?.address?.dial ?? {}
    if (host === undefined || port === undefined) return
    const converter = `${host}:${port}`
    if (converters.has(converter))
      found.push({
        path: ['lockerBuses', i, 'address'],
        message: `locker bus "${converters.get(converter)}" goes to ${converter} already: whatever hangs on one converter is one bus, two askers destroy each other's frames`,
      })
    else converters.set(converter, bus?.id)
  })
  list(config.couriers).forEach((courier, i) => {
    unique('courier', seen.courier, courier?.name, ['couriers', i, 'name'])
  })
  list(config.libraries).forEach((library, i) => {
    const at = ['libraries', i]
    unique('library', seen.library, library?.id, [...at, 'id'])
    // Health, metrics and the last words of a link are kept under this name.
    unique('library system', seen.ils, library?.ils?.name, [...at, 'ils', 'name'])
    known('courier', couriers, library?.policy?.courier, [...at, 'policy', 'courier'])
    const locations = new Map<string, true>()
    list(library?.branches).forEach((branch, j) => {
      unique('branch', seen.branch, branch?.id, [...at, 'branches', j, 'id'])
      list(branch?.locations).forEach((code, k) => {
        unique('location of this library', locations, code, [...at, 'branches', j, 'locations', k])
      })
    })
    list(library?.lockers).forEach((locker, j) => {
      const here = [...at, 'lockers', j]
      unique('locker', seen.locker, locker?.id, [...here, 'id'])
      known('locker bus', buses, locker?.bus, [...here, 'bus'])
      const ids = new Map<string, true>()
      list(locker?.compartments).forEach((c, k) => {
        unique('compartment of this locker', ids, c?.id, [...here, 'compartments', k, 'id'])
        const door = `${locker?.bus}/${c?.board}/${c?.channel}`
        unique('door of this bus, board and channel', seen.door, door, [
          ...here,
          'compartments',
          k,
          'channel',
        ])
      })
    })
  })
  const libraries = new Set(list(config.libraries).map(l => l?.id))
  list(config.consortium?.suppliers).forEach((name, i) => {
    known('library', libraries, name, ['consortium', 'suppliers', i])
  })
  const users = new Map<string, true>()
  const kiosks = new Map<string, true>()
  list(config.kiosks?.accounts).forEach((account, i) => {
    const at = ['kiosks', 'accounts', i]
    unique('kiosk account', kiosks, account?.id, [...at, 'id'])
    unique('kiosk user', users, account?.user, [...at, 'user'])
    known('library', libraries, account?.library, [...at, 'library'])
    const library = list(config.libraries).find(one => one?.id === account?.library)
    if (library)
      known('branch of this library', new Set(list(library.branches).map(b => b?.id)), account?.branch, [
        ...at,
        'branch',
      ])
  })
  return found
}
