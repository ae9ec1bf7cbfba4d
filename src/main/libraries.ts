import { calendarSpec, type HoursSettings, hoursInWords } from '../config/hours.ts'
import type { Config, LibraryConfig } from '../config.ts'
import { createLibraries, type Libraries, type Library } from '../gateway/libraries.ts'
import { WorkingTime } from '../kernel/working-time.ts'

/** The libraries of the settings file, as the gateway knows them. */
export const librariesOf = (config: Config): Libraries =>
  createLibraries(config.libraries.map(libraryOf), config.consortium?.suppliers)

const libraryOf = (settings: LibraryConfig): Library => {
  const { id, timeZone: zone, calendar } = settings
  const time = (hours: HoursSettings) => ({
    hours: new WorkingTime(calendarSpec(zone, hours, calendar)),
    hoursText: hoursInWords(hours),
  })
  return {
    id,
    name: settings.name,
    phone: settings.phone,
    zone,
    divisionCode: settings.divisionCode,
    region: settings.region,
    policyPack: settings.policyPack,
    tariff: settings.tariff,
    policy: { ...settings.policy, zone },
    hours: time(settings.hours).hours,
    branches: settings.branches.map(({ hours = settings.hours, ...branch }) => ({
      ...branch,
      ...time(hours),
      libraryId: id,
    })),
    lockers: settings.lockers.map(({ hours, compartments, ...locker }) => ({
      ...locker,
      ...time(hours),
      libraryId: id,
      compartments: compartments.map(({ label, ...c }) => ({ ...c, label: label ?? c.id })),
    })),
  }
}
