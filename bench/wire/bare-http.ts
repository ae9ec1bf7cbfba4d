import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveParent } from './child.ts'
import { type Line, openLine } from './lines.ts'
import { askItem } from './sip.ts'

/** Node's own HTTP server before bare lines: what no gateway written for Node can do without. */

interface Free {
  readonly line: Line
  sequence: number
}

const start = async (given: { ils: number; connections: number }): Promise<number> => {
  const free: Free[] = await Promise.all(
    Array.from({ length: given.connections }, async () => ({ line: await openLine(given.ils), sequence: 0 })),
  )
  const waiting: ((one: Free) => void)[] = []
  const take = (): Promise<Free> => {
    const one = free.pop()
    return one ? Promise.resolve(one) : new Promise(resolve => waiting.push(resolve))
  }
  const ask = async (barcode: string): Promise<string> => {
    const one = await take()
    const answer = await one.line.ask(askItem(barcode, one.sequence++))
    const next = waiting.shift()
    if (next) next(one)
    else free.push(one)
    return JSON.stringify({ barcode, status: answer.startsWith('1804') ? 'lent' : 'free' })
  }
  const server = createServer((request, response) => {
    void ask(request.url!.slice(request.url!.lastIndexOf('/') + 1)).then(body => {
      response.setHeader('Content-Type', 'application/json')
      response.setHeader('Content-Length', Buffer.byteLength(body))
      response.end(body)
    })
  })
  server.keepAliveTimeout = 0
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

serveParent({ start })
