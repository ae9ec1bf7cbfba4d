import type { Duplex } from 'node:stream'
import { z } from 'zod'

const port = z.number().int().min(0).max(65535)
const pem = z.string().startsWith('-----BEGIN')

/** A broker somewhere else: Mosquitto, EMQX. */
const elsewhere = z.strictObject({
  url: z.url({ protocol: /^(mqtts?|tcp|ssl|wss?)$/ }),
  username: z.string().max(256).optional(),
  password: z.string().max(1024).optional(),
  /** Certificates as PEM text: of the authority, and our own with its key where the broker wants one. */
  ca: pem.optional(),
  cert: pem.optional(),
  key: pem.optional(),
  /** `auto` tries MQTT 5 and goes back to 3.1.1 where the broker does not know it. */
  protocol: z.enum(['auto', '5', '3.1.1']).default('auto'),
  /** Given: the broker keeps our session under this name while we are away. One name per running program. */
  clientId: z.string().min(1).max(64).optional(),
})

/** A broker inside this program, for a small site. It speaks MQTT 3.1.1. */
const embedded = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().max(253).default('127.0.0.1'),
      port,
      /** With both, cabinets connect over TLS. */
      cert: pem.optional(),
      key: pem.optional(),
      /** Of the authority of the cabinets: each shows a certificate of its own, whose name (CN) is its id. */
      ca: pem.optional(),
    })
    .refine(({ ca, cert, key }) => !ca || (cert && key), {
      error: 'cabinets show certificates over TLS alone: cert and key are needed, too',
      path: ['ca'],
    }),
})

/** A cabinet can be known on the broker: elsewhere by the rules there, inside by its password or its certificate. */
export const canBeKnown = (address: BrokerAddress, password: string | undefined): boolean =>
  'url' in address || password !== undefined || address.listen.ca !== undefined

export const brokerAddress = z.union([elsewhere, embedded])
export type BrokerAddress = z.output<typeof brokerAddress>
export type BrokerElsewhere = z.output<typeof elsewhere>
/** With `pipe`, the broker is in this program and reached through it instead of the address. */
export type BrokerReached = BrokerElsewhere & { readonly pipe?: () => Duplex }
export type BrokerListen = z.output<typeof embedded>['listen']
