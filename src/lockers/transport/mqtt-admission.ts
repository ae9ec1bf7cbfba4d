import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import type { BrokerUser } from './mqtt-broker.ts'
import { bucket } from './mqtt-meter.ts'

/** Cabinets that have no credentials yet: one user for all, who may ask for them and hear the answer. */
export interface Arrivals {
  readonly username: string
  readonly password: string
  isRequest(topic: string): boolean
  /** Where a connection hears the answer to its own request, and no other's. */
  replyTopic(clientId: string): string
  answer(topic: string, payload: Uint8Array, clientId: string): Promise<string>
  /** The password of a cabinet that has registered. */
  knows(cabinet: string, password: string): Promise<boolean>
}

/** Who came in: the gateway itself, a cabinet, or one that wants to register. */
export type Admitted =
  | { readonly as: 'gateway' | 'arrival' }
  | { readonly as: 'cabinet'; readonly user: BrokerUser }

export interface Admission {
  admit(guest: {
    readonly clientId: string
    readonly username: string | undefined
    readonly password: string | undefined
    /** Name of the certificate it showed. */
    readonly certificate: string | undefined
  }): Promise<Admitted | undefined>
  /** A request to register may be answered now: whoever tries tokens is slowed down, and with him everybody who registers. */
  mayRegister(): boolean
}

export interface AdmissionOptions {
  readonly gateway: { readonly username: string; readonly password: string }
  readonly users: ReadonlyMap<string, BrokerUser>
  /** Cabinets must show certificates. */
  readonly certificates: boolean
  readonly arrivals?: Arrivals | undefined
  /** Somebody is connected by this client id, and would be cut off by another one. */
  connected(clientId: string): boolean
  readonly clock: Pick<Clock, 'now'>
}

const registrationsAtOnce = 5
const registrationsPerSecond = 1 / 12
/** Names of connections that one user is remembered by. */
const namesOfOne = 4

export const createAdmission = (options: AdmissionOptions): Admission => {
  const { gateway, users, arrivals, certificates } = options
  const registering = bucket(options.clock, registrationsAtOnce, registrationsPerSecond)
  /** Connections of cabinets that may choose their client id: nobody takes another's, which would cut it off. */
  const names = new Map<string, string[]>()

  const isTheirs = (user: BrokerUser, clientId: string): boolean => {
    if (clientId === user.id) return true
    if (!user.anyClientId || users.has(clientId)) return false
    for (const [other, taken] of names) if (other !== user.id && taken.includes(clientId)) return false
    return true
  }
  const remember = (user: BrokerUser, clientId: string): void => {
    if (clientId === user.id) return
    const before = (names.get(user.id) ?? []).filter(name => name !== clientId)
    names.set(user.id, [...before, clientId].slice(-namesOfOne))
  }

  /** By its password, by its certificate, by both where it has both, or by what it got when it registered. */
  const isKnown = async (
    user: BrokerUser,
    { username, password, certificate }: Parameters<Admission['admit']>[0],
  ): Promise<boolean> => {
    const right = sameSecret(user.password ?? randomBytes(16).toString('hex'), password ?? '')
    if (certificates) return certificate === user.id && (user.password === undefined || right)
    if (username === undefined || password === undefined) return false
    if (user.password !== undefined) return right
    return arrivals !== undefined && (await arrivals.knows(user.id, password))
  }

  return {
    admit: async guest => {
      const { clientId, username, password } = guest
      if (username === gateway.username)
        return sameSecret(gateway.password, password ?? '') && !users.has(clientId)
          ? { as: 'gateway' }
          : undefined
      if (arrivals && username === arrivals.username && !users.has(username))
        return sameSecret(arrivals.password, password ?? '') &&
          /^[\w.-]{1,64}$/.test(clientId) &&
          !users.has(clientId) &&
          !([...names.values()].some(taken => taken.includes(clientId)) && options.connected(clientId))
          ? { as: 'arrival' }
          : undefined
      const user = users.get(username ?? guest.certificate ?? clientId)
      if (!user || !isTheirs(user, clientId) || !(await isKnown(user, guest))) return undefined
      remember(user, clientId)
      return { as: 'cabinet', user }
    },
    mayRegister: () => registering.take(1),
  }
}

const sameSecret = (one: string, other: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
