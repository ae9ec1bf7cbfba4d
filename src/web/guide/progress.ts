import { useCallback, useEffect, useState } from 'react'
import type { DemoJson } from '../../gateway/http/api/demo.ts'
import type { LineJson, OrderJson } from '../../gateway/http/api/reader.ts'
import { ApiProblem } from '../base/api.ts'
import { every } from '../base/clock.ts'
import { useStream } from '../base/stream.ts'
import { codeOf, orderNow, ordersNow } from './acts.ts'
import { tourOrder } from './tour.ts'

export interface Progress {
  readonly order: OrderJson | undefined
  readonly line: LineJson | undefined
  readonly code: string | undefined
  /** Looks now instead of at the next turn. */
  readonly look: () => void
}

const pollEvery = 2000
const lookers = new Set<() => void>()
const ears = {
  order: () => {
    for (const look of lookers) look()
  },
}

const rejectBugs = (thrown: unknown): undefined => {
  if (thrown instanceof ApiProblem) return undefined
  throw thrown
}

/** What is really true of the tour's book: asked every two seconds, and at once when the server says so. */
export const useProgress = (demo: DemoJson, before: ReadonlySet<string>): Progress => {
  const [order, setOrder] = useState<OrderJson>()
  const [code, setCode] = useState<string>()
  const orderId = order?.id
  const look = useCallback(() => {
    const asked = orderId
      ? orderNow(orderId)
      : ordersNow().then(orders => tourOrder(orders, demo.book.recordId, before))
    asked.then(found => found && setOrder(found)).catch(rejectBugs)
  }, [demo, before, orderId])
  useEffect(() => {
    look()
    lookers.add(look)
    const stop = every(pollEvery, look)
    return () => {
      lookers.delete(look)
      stop()
    }
  }, [look])
  useStream('reader', ears)
  const hasCode = order?.hasCode ?? false
  useEffect(() => {
    if (orderId && hasCode)
      codeOf(orderId)
        .then(known => setCode(known.code))
        .catch(rejectBugs)
    else setCode(undefined)
  }, [orderId, hasCode])
  return { order, line: order?.lines.find(line => line.recordId === demo.book.recordId), code, look }
}
