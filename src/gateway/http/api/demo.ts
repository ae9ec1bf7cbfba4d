/** GET /api/demo: who to be and what to borrow on the guided tour. Served only where the town is the demo. */
import { z } from '@hono/zod-openapi'

export const demo = z
  .object({
    reader: z.object({ library: z.string(), card: z.string(), pin: z.string() }),
    /** The badge opens doors for deposits at the locker's screen. */
    staff: z.object({ user: z.string(), password: z.string(), badge: z.string() }),
    /** The first one is the locker of the tour; it stands at the library above. */
    kiosks: z.array(z.object({ lockerId: z.string(), key: z.string() })).min(1),
    /** A title that this reader may borrow and that has a free copy. */
    book: z.object({ recordId: z.string(), title: z.string() }),
  })
  .openapi('Demo')
export type DemoJson = z.infer<typeof demo>

/**
 * POST /api/demo/hand (device key): the simulated person at the cabinet takes or puts the book and closes the
 * door that stands open in the visit, as a hand would at a real one.
 */
export const demoHand = z.object({ visit: z.string().max(64) })
