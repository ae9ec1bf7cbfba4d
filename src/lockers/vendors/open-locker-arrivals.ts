import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Registrations } from '../locker.ts'
import type { Arrivals } from '../transport/mqtt-admission.ts'
import {
  type OpenLockerProvisioned,
  provisioningTopic,
  readRegistration,
  stamp,
  tokenIn,
  writeMessage,
} from './open-locker-messages.ts'

/** The same answer is given again to the same connection for so long: it may not have heard the first. */
const againFor: Millis = 60_000
const answersKept = 16

/**
 * How cabinets of the contract get their credentials: a token that was made for one of them, once, for a user and a
 * password. Whatever is wrong with a token, the answer is the same.
 */
export const openLockerArrivals = (options: {
  readonly username: string
  readonly password: string
  readonly cabinets: ReadonlySet<string>
  readonly registrations: Registrations
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
}): Arrivals => {
  const { registrations, clock, ids, cabinets } = options
  const given = new Map<string, { readonly at: Millis; readonly answer: Promise<OpenLockerProvisioned> }>()

  const refusal = (): OpenLockerProvisioned => ({
    message_id: ids.next(),
    timestamp: stamp(clock.now()),
    status: 'error',
    message: 'The token is not valid.',
  })
  const redeem = async (token: string): Promise<OpenLockerProvisioned> => {
    const got = await registrations.redeem(token, cabinets)
    if (!got) return refusal()
    const data = { mqtt_user: got.cabinet, mqtt_password: got.password }
    return { message_id: ids.next(), timestamp: stamp(clock.now()), status: 'success', data }
  }
  const once = (key: string, token: string): Promise<OpenLockerProvisioned> => {
    const known = given.get(key)
    if (known && clock.now() - known.at < againFor) return known.answer
    const answer = redeem(token)
    given.set(key, { at: clock.now(), answer })
    if (given.size > answersKept) given.delete(given.keys().next().value!)
    // What the store could not say is asked again, and a refusal is not remembered.
    answer.then(
      said => {
        if (said.status === 'error') given.delete(key)
      },
      () => given.delete(key),
    )
    return answer
  }

  return {
    username: options.username,
    password: options.password,
    isRequest: topic => tokenIn(topic) !== undefined,
    replyTopic: provisioningTopic,
    answer: async (topic, payload, clientId) => {
      const token = tokenIn(topic)
      const asked = readRegistration(payload)
      if (token === undefined || asked?.client_id !== clientId) return writeMessage(refusal())
      return writeMessage(await once(`${clientId} ${token}`, token))
    },
    knows: (cabinet, password) => registrations.knows(cabinet, password),
  }
}
