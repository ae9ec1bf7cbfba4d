import { no } from '../../kernel/problem.ts'
import type { CompartmentState } from '../../lockers/compartments.ts'
import type { Purpose } from '../store/locker-tables.ts'
import { compartmentById } from '../store/lockers.ts'
import type { Inside } from './inside.ts'
import type { Lockers, StaffAct } from './lockers.ts'
import { answering, begin, openBy, refusal } from './opening.ts'
import type { KioskAnswer } from './ports.ts'
import { nothingThere, reasonMissing, unknownCompartment } from './words.ts'

/** Openings by staff: each has a person, a reason and an entry in the audit log, written before the door moves. */
export const staffActs = (inside: Inside): Pick<Lockers, 'recover' | 'empty' | 'remoteOpen'> => {
  const opening =
    (purpose: Purpose, states: readonly CompartmentState[] | 'any') =>
    (act: StaffAct): Promise<KioskAnswer> =>
      answering(async () => {
        const station = inside.station(act.lockerId)
        if (act.reason.trim() === '' || act.actor.trim() === '') return refusal(reasonMissing)
        return openBy(inside, station, async desk => {
          const compartment = await compartmentById(desk.tx, desk.key, act.compartmentId)
          if (!compartment) return no(unknownCompartment)
          if (states !== 'any' && !states.includes(compartment.state)) return no(nothingThere)
          const { actor, reason } = act
          return begin(desk, compartment, { purpose, contents: compartment.contents, actor, reason })
        })
      })
  return {
    recover: opening('recover', ['loaded', 'expired']),
    empty: opening('empty', ['returned']),
    remoteOpen: opening('service', 'any'),
  }
}
