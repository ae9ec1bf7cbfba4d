import type { z } from 'zod'
import type { Clock } from '../kernel/clock.ts'
import { type Answer, misconfigured, no, type Words, yes } from '../kernel/problem.ts'
import type { Transcript } from '../kernel/transcript.ts'
import type { LockerDriver, Registrations } from './locker.ts'
import type { Caller } from './transport/calls.ts'

/** What every driver is given besides its settings. */
export interface Wire {
  /** The line's name in transcripts and on health pages: `locker-line:guanqian`. */
  readonly name: string
  /** The wire's own clock: the real one outside tests, whatever clock the orders run by. */
  readonly clock: Clock
  readonly transcript: Transcript
  /** Several processes have this line, one at a time: drivers that can sleep begin without a connection. */
  readonly asleep?: boolean
  /** Where cabinets of this line that register themselves are kept. */
  readonly registrations?: Registrations
  /** The way out over HTTP, for drivers of a vendor's cloud. */
  readonly calls?: Caller
}

/** A make of locker board: its name in the configuration, its settings, and how its driver is made. */
export interface LockerMake {
  readonly name: string
  readonly title: Words
  readonly settings: z.ZodType
  /** One driver per line. `misconfigured/locker-settings` names every wrong setting at once. */
  create(settings: unknown, wire: Wire): Answer<LockerDriver>
}

/** Describes a make; its settings are checked before `create` sees them. */
export const defineLocker = <S extends z.ZodType>(make: {
  readonly name: string
  readonly title: Words
  readonly settings: S
  create(settings: z.output<S>, wire: Wire): LockerDriver
}): LockerMake => ({
  name: make.name,
  title: make.title,
  settings: make.settings,
  create: (raw, wire) => {
    const parsed = make.settings.safeParse(raw)
    if (parsed.success) return yes(make.create(parsed.data, wire))
    const faults = parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')
    return no(
      misconfigured('locker-settings', {
        zh: `书柜线路“${wire.name}”的设置有误：${faults}`,
        en: `The settings of locker line "${wire.name}" are wrong: ${faults}`,
      }),
    )
  },
})
