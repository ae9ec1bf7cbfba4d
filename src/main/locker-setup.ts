import { checkLockerText } from '../config/fragment.ts'
import { splitDriver } from '../config/load.ts'
import type { Config } from '../config.ts'
import type { Deps } from '../gateway/http/deps.ts'
import type { LockerSetupDeps } from '../gateway/http/routes/locker-setup.ts'
import type { Lockers } from '../gateway/lockers/lockers.ts'
import { createLineSetup, type LineSetup } from '../gateway/lockers/setup.ts'
import type { ConfiguredLine } from '../gateway/lockers/setup-lines.ts'
import type { FoundBoard } from '../lockers/commission/survey.ts'
import { recognise } from '../lockers/vendors/known-frames.ts'
import { addressesOf } from './addresses.ts'
import { boardMakes, driverSchemas, type Workshop } from './vendors.ts'

/** The guided set-up of lines, over the makes of boards and the lines of the settings. */
export const lineSetupOf = (config: Config, deps: Deps, shop: Workshop, lockers: Lockers): LineSetup =>
  createLineSetup({
    ...deps,
    lockers,
    wire: { clock: shop.clock, transcript: shop.transcript },
    makes: boardMakes(),
    lines: configuredLines(config),
    networks: config.lockerSetup.networks,
    lookup: addressesOf,
    recognise: heard => recognise(heard).map(one => one.say),
    changed: libraryId => deps.stream.publish({ libraryId, staff: true }, 'locker-setup', {}),
  })

/** What the routes of the set-up want besides. */
export const setupParts = (config: Config): Pick<LockerSetupDeps, 'networks' | 'makes' | 'check'> => ({
  networks: config.lockerSetup.networks,
  makes: boardMakes(),
  check: (libraryId, text) => checkLockerText(text, config, libraryId, driverSchemas),
})

const configuredLines = (config: Config): readonly ConfiguredLine[] => {
  const makes = new Set(boardMakes().map(one => one.name))
  return config.lockerBuses
    .filter(bus => makes.has(bus.driver))
    .map(bus => {
      const { address, boards, ...more } = splitDriver('lockerBus', bus).settings
      return {
        id: bus.id,
        driver: bus.driver,
        address: address as ConfiguredLine['address'],
        boards: boards as readonly FoundBoard[],
        more,
      }
    })
}
