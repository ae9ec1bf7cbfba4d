import { z } from 'zod'

const port = z.number().int().min(1).max(65535)

/** How to reach a serial server: makers differ in default address, port and direction, so nothing is assumed. */
export const lineAddress = z.union([
  z.strictObject({ dial: z.strictObject({ host: z.string().min(1).max(253), port }) }),
  z.strictObject({
    listen: z
      .strictObject({
        host: z.string().max(253).default('127.0.0.1'),
        port: port.or(z.literal(0)),
        from: z.union([z.ipv4(), z.ipv6()]).optional(),
      })
      .transform(({ from, ...rest }) => (from === undefined ? rest : { ...rest, from })),
  }),
])
