import type { Words } from '../../../kernel/problem.ts'
import type { Profile } from './profile.ts'

/** The manner of one library system, as data. */
export interface Dialect {
  readonly name: string
  /** Names it had before, which settings files may still hold. */
  readonly aliases?: readonly string[]
  readonly title: Words
  /** The public material it is drawn from; says plainly where there is none. */
  readonly source: string
  /** What whoever plugs it in should know beside the switches. */
  readonly note?: Words
  readonly sets: Readonly<Partial<Profile>>
  /** For each switch that is turned: where it was seen. */
  readonly because: Readonly<Partial<Record<keyof Profile, string>>>
}
