import type { Dialect } from './dialect.ts'
import { type Profile, profileSchema } from './profile.ts'
import { china } from './profiles/china.ts'
import { commercial } from './profiles/commercial.ts'
import { general } from './profiles/general.ts'
import { openSource } from './profiles/open-source.ts'

export type { Dialect } from './dialect.ts'
export { type Profile, profileSchema } from './profile.ts'

/** Every manner known, as data: one file a family in `profiles/`. */
export const dialects: readonly Dialect[] = [...general, ...openSource, ...commercial, ...china]

/** By its name or one it had before. */
export const dialectOf = (name: string): Dialect | undefined =>
  dialects.find(entry => entry.name === name || entry.aliases?.includes(name))

/** The dialect's profile with a library's own settings over it. Unknown dialects: undefined. */
export const profileOf = (name: string, own: Partial<Profile> = {}): Profile | undefined => {
  const dialect = dialectOf(name)
  return dialect && profileSchema.parse({ ...dialect.sets, ...own })
}
