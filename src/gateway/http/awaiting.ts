import type { Millis } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Deps } from './deps.ts'
import type { Audience, Hearing } from './stream.ts'

/** As long as a person looks at a page that is thinking. */
const patience: Millis = 4000

/**
 * Waits until something is true of the orders, looking again at every change that the audience hears of. False when
 * the patience is over: what was asked for goes on all the same.
 */
export const awaitChange = async (
  { stream, clock }: Pick<Deps, 'stream' | 'clock'>,
  audience: Audience,
  isTrue: () => Promise<boolean>,
): Promise<boolean> => {
  const hearing = hear(stream, audience)
  if (!hearing) return isTrue()
  const cancel = clock.after(patience, () => hearing.close())
  try {
    for (;;) {
      if (await isTrue()) return true
      if ((await hearing.next()) === undefined) return await isTrue()
    }
  } finally {
    cancel()
    hearing.close()
  }
}

/** Whoever has too many pages open is answered at once instead of refused. */
const hear = (stream: Deps['stream'], audience: Audience): Hearing | undefined => {
  try {
    return stream.open(audience)
  } catch (error) {
    if (error instanceof ProblemError) return undefined
    throw error
  }
}
