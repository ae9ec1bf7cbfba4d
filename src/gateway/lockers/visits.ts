import type { Visit } from '../store/door-visits.ts'

export type DoorState = 'open' | 'closed' | 'unknown'

/**
 * What a look at its door means for a visit. The door closing after it was seen open ends the visit; a door that
 * was never seen open and is shut when nobody is opening it any more did not open as far as anyone can tell.
 */
export type Step = 'opened' | 'finished' | 'not-opened' | 'wait'

/** `inHand`: this process is opening the door at this moment. */
export const step = (visit: Pick<Visit, 'state'>, door: DoorState, inHand: boolean): Step => {
  if (door === 'unknown') return 'wait'
  switch (visit.state) {
    case 'open':
      return door === 'closed' ? 'finished' : 'wait'
    case 'intended':
    case 'unclear':
      if (door === 'open') return 'opened'
      return inHand ? 'wait' : 'not-opened'
    case 'jammed':
      return door === 'open' ? 'opened' : 'wait'
    case 'done':
    case 'failed':
      return 'wait'
  }
}
